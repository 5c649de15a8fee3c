/* Wrong: two signals that come while the first is pending are one, and the count stays at 1. */
#include "../u.h"

static volatile sig_atomic_t count;

static void handler(int number)
{
    (void)number;
    count++;
}

int main(void)
{
    sigset_t only, before;
    handle(SIGUSR1, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, &before);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            kill(getppid(), SIGUSR1);
            _exit(0);
        }
    while (count < 2)
        sigsuspend(&before);
    return reap();
}
