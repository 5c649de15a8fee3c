/* A POSIX timer ends its pause. */
#include "case.h"

int main(void)
{
    struct itimerspec soon = {.it_value = {.tv_sec = 0, .tv_nsec = 200 * MILLISECOND}};
    timer_t timer;
    handle(SIGALRM);
    check(timer_create(CLOCK_MONOTONIC, NULL, &timer), "timer_create");
    check(timer_settime(timer, 0, &soon, NULL), "timer_settime");
    pause();
    return 0;
}
