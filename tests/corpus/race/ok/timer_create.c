/* Right: timer_create() with a signal that is waited for. */
#include "../u.h"

int main(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    struct itimerspec when = {.it_value = {0, 20000000}};
    timer_t timer;
    sigset_t only;
    int number;
    sigemptyset(&only);
    sigaddset(&only, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &only, NULL);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &when, NULL);
    sigwait(&only, &number);
    timer_delete(timer);
    return number != SIGRTMIN;
}
