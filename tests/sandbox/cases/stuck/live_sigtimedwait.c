/* Waits for a signal with a time-out. */
#include "case.h"

int main(void)
{
    sigset_t mask;
    struct timespec limit = limit_of(200);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    check(sigprocmask(SIG_BLOCK, &mask, NULL), "sigprocmask");
    sigtimedwait(&mask, NULL, &limit);
    return 0;
}
