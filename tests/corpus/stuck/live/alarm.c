/* Live: all wait, but alarm() will ring. */
#include "../../race/u.h"

static volatile sig_atomic_t rung;

static void handler(int number)
{
    (void)number;
    rung = 1;
}

int main(void)
{
    sigset_t only, before;
    handle(SIGALRM, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGALRM);
    sigprocmask(SIG_BLOCK, &only, &before);
    alarm(1);
    while (!rung)
        sigsuspend(&before);
    return 0;
}
