/* Takes an alarm with sigwait(); the signal itself is blocked. */
#include "case.h"

int main(void)
{
    struct itimerval soon = {.it_value = {.tv_sec = 0, .tv_usec = 200000}};
    sigset_t mask;
    int number;
    sigemptyset(&mask);
    sigaddset(&mask, SIGALRM);
    check(sigprocmask(SIG_BLOCK, &mask, NULL), "sigprocmask");
    check(setitimer(ITIMER_REAL, &soon, NULL), "setitimer");
    return sigwait(&mask, &number);
}
