/* Right: FIONREAD, a read that would block and a timerfd are other ways to look. */
#include "../u.h"
#include <sys/ioctl.h>

int main(void)
{
    int *data = shared(sizeof *data), ends[2], length = 0;
    pipe(ends);
    if (fork() == 0) {
        *data = 42;
        write(ends[1], "x", 1);
        _exit(0);
    }
    while (ioctl(ends[0], FIONREAD, &length) == 0 && length == 0)
        usleep(200);
    return *data != 42 || reap();
}
