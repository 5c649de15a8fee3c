/* Reads an alarm from a signalfd; the signal itself is blocked. */
#include "case.h"

#include <sys/signalfd.h>

int main(void)
{
    long all = milliseconds(200);
    struct itimerval soon = {.it_value = {.tv_sec = all / 1000, .tv_usec = all % 1000 * 1000}};
    struct signalfd_siginfo what;
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGALRM);
    check(sigprocmask(SIG_BLOCK, &mask, NULL), "sigprocmask");
    int descriptor = checked(signalfd(-1, &mask, 0), "signalfd");
    check(setitimer(ITIMER_REAL, &soon, NULL), "setitimer");
    check(read(descriptor, &what, sizeof what), "read");
    return 0;
}
