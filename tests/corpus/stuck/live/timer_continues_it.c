/* Live: it stops itself, and its own POSIX timer sends the SIGCONT that lets it go on. */
#include "../../race/u.h"

int main(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT};
    struct itimerspec soon = {.it_value = {0, 700000000}};
    timer_t timer;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &soon, NULL))
        return 3;
    raise(SIGSTOP);
    timer_delete(timer);
    return 0;
}
