/* Right: so does epoll_wait(), and here nobody reads either. */
#include "../u.h"

int main(void)
{
    struct epoll_event event = {.events = EPOLLIN}, got;
    int *data = shared(sizeof *data), ends[2], set = epoll_create1(0);
    pipe(ends);
    epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event);
    if (fork() == 0) {
        *data = 42;
        write(ends[1], "x", 1);
        _exit(0);
    }
    epoll_wait(set, &got, 1, -1);
    return *data != 42 || reap();
}
