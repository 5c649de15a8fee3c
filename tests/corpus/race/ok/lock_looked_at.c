/* Right: F_GETLK until nobody has the lock any more. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), file = scratch_file(), ends[2];
    char byte;
    pipe(ends);
    if (fork() == 0) {
        record_lock(file, F_WRLCK, 0, 0);
        write(ends[1], "x", 1);
        *data = 42;
        record_lock(file, F_UNLCK, 0, 0);
        _exit(0);
    }
    read(ends[0], &byte, 1);
    for (;;) {
        struct flock lock = {.l_type = F_WRLCK};
        if (fcntl(file, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK)
            break;
        usleep(200);
    }
    return *data != 42 || reap();
}
