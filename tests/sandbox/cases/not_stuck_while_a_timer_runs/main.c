/* A POSIX timer wakes it from sigwaitinfo(). */
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

int main(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec once = {.it_value = {.tv_nsec = 300000000}};
    sigset_t wanted;
    timer_t timer;

    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR1);
    if (sigprocmask(SIG_BLOCK, &wanted, NULL) == -1)
        err(EXIT_FAILURE, "sigprocmask");
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) == -1)
        err(EXIT_FAILURE, "timer_create");
    if (timer_settime(timer, 0, &once, NULL) == -1)
        err(EXIT_FAILURE, "timer_settime");
    return sigwaitinfo(&wanted, NULL) != SIGUSR1;
}
