/* Its timer's signal is blocked, and its timerfd disarmed. */
#include "case.h"

#include <sys/timerfd.h>

int main(void)
{
    struct itimerspec soon = {.it_value = {.tv_sec = 3, .tv_nsec = 0}};
    sigset_t mask;
    timer_t timer;
    sigemptyset(&mask);
    sigaddset(&mask, SIGALRM);
    check(sigprocmask(SIG_BLOCK, &mask, NULL), "sigprocmask");
    check(timer_create(CLOCK_MONOTONIC, NULL, &timer), "timer_create");
    check(timer_settime(timer, 0, &soon, NULL), "timer_settime");
    struct pollfd wanted = {.events = POLLIN, .revents = 0};
    wanted.fd = checked(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create");
    check(poll(&wanted, 1, -1), "poll");
    return 0;
}
