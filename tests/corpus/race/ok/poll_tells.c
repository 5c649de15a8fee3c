/* Right: that the pipe can be read tells already that something was written. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2];
    pipe(ends);
    if (fork() == 0) {
        *data = 42;
        write(ends[1], "x", 1);
        _exit(0);
    }
    struct pollfd watched = {ends[0], POLLIN, 0};
    poll(&watched, 1, -1);
    return *data != 42 || reap();
}
