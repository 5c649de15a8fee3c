/* Right: a lock to write becomes one to read, and others read beside it. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), file = scratch_file(), ends[2];
    char byte;
    pipe(ends);
    if (fork() == 0) {
        read(ends[0], &byte, 1);
        record_lock(file, F_RDLCK, 0, 10);
        _exit(*data != 42);
    }
    record_lock(file, F_WRLCK, 0, 20);
    write(ends[1], "x", 1);
    *data = 42;
    record_lock(file, F_RDLCK, 0, 15);
    return reap();
}
