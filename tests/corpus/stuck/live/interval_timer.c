/* Live: a child waits in pause() until its timer has come three times. */
#include "../../race/u.h"

static volatile sig_atomic_t ticks;

static void handler(int number)
{
    (void)number;
    ticks++;
}

int main(void)
{
    if (fork() == 0) {
        struct itimerval every = {{0, 100000}, {0, 100000}};
        sigset_t only, before;
        handle(SIGALRM, handler);
        sigemptyset(&only);
        sigaddset(&only, SIGALRM);
        sigprocmask(SIG_BLOCK, &only, &before);
        setitimer(ITIMER_REAL, &every, NULL);
        while (ticks < 3)
            sigsuspend(&before);
        _exit(0);
    }
    return reap();
}
