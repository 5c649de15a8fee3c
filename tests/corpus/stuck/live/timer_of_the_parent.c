/* Live: the child has closed the timerfd that its epoll set watches; the parent has it open. */
#include "../../race/u.h"

int main(void)
{
    struct itimerspec once = {.it_value = {0, 700000000}};
    int t = timerfd_create(CLOCK_MONOTONIC, 0), set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN}, got;
    epoll_ctl(set, EPOLL_CTL_ADD, t, &event);
    timerfd_settime(t, 0, &once, NULL);
    if (fork() == 0) {
        int p[2];
        close(t);
        if (pipe(p))
            _exit(3);
        _exit(epoll_wait(set, &got, 1, -1) != 1);
    }
    return reap();
}
