/* Right: F_GETLK until the other one has the lock. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), file = scratch_file();
    pid_t child = fork();
    if (child == 0) {
        *data = 42;
        record_lock(file, F_WRLCK, 8, 4);
        pause();
    }
    struct flock lock;
    do {
        usleep(200);
        lock = (struct flock){.l_type = F_WRLCK, .l_start = 0, .l_len = 0};
        fcntl(file, F_GETLK, &lock);
    } while (lock.l_type == F_UNLCK);
    int seen = *data;
    kill(child, SIGTERM);
    wait(NULL);
    return seen != 42;
}
