/* Right: double fork and setsid(); the daemon tells by a pipe that it is done. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2];
    char byte;
    pipe(ends);
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            close(ends[0]);
            umask(0);
            *data = 42;
            write(ends[1], "x", 1);
            _exit(0);
        }
        _exit(0);
    }
    close(ends[1]);
    int failed = reap();
    read(ends[0], &byte, 1);
    while (read(ends[0], &byte, 1) > 0)
        ;
    return failed || *data != 42;
}
