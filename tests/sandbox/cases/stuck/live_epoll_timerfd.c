/* Waits in epoll for a timerfd. */
#include "case.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

int main(void)
{
    struct itimerspec soon = {.it_value = {.tv_sec = 0, .tv_nsec = 200 * MILLISECOND}};
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = 0}};
    int timer = checked(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create");
    int set = checked(epoll_create1(0), "epoll_create1");
    check(timerfd_settime(timer, 0, &soon, NULL), "timerfd_settime");
    check(epoll_ctl(set, EPOLL_CTL_ADD, timer, &event), "epoll_ctl");
    check(epoll_wait(set, &event, 1, -1), "epoll_wait");
    return 0;
}
