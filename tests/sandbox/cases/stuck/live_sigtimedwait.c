/* Waits for a signal with a time-out. */
#include "case.h"

int main(void)
{
    sigset_t mask;
    struct timespec limit = {.tv_sec = 0, .tv_nsec = 200 * MILLISECOND};
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    check(sigprocmask(SIG_BLOCK, &mask, NULL), "sigprocmask");
    sigtimedwait(&mask, NULL, &limit);
    return 0;
}
