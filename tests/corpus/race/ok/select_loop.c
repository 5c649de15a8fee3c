/* Right: select() with a limit, again and again. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2];
    pipe(ends);
    if (fork() == 0) {
        usleep(30000);
        *data = 42;
        write(ends[1], "x", 1);
        _exit(0);
    }
    for (;;) {
        fd_set reading;
        struct timeval limit = {0, 10000};
        FD_ZERO(&reading);
        FD_SET(ends[0], &reading);
        if (select(ends[0] + 1, &reading, NULL, NULL, &limit) > 0)
            break;
    }
    return *data != 42 || reap();
}
