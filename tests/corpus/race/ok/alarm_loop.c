/* Right: a timer that comes again and again, and sigsuspend(). */
#include "../u.h"

static volatile sig_atomic_t ticks;

static void handler(int number)
{
    (void)number;
    ticks++;
}

int main(void)
{
    struct itimerval every = {{0, 5000}, {0, 5000}};
    sigset_t only, before;
    handle(SIGALRM, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGALRM);
    sigprocmask(SIG_BLOCK, &only, &before);
    setitimer(ITIMER_REAL, &every, NULL);
    while (ticks < 4)
        sigsuspend(&before);
    return 0;
}
