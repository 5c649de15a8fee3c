/* Dead: the mask given to sigsuspend() blocks the signal that is waited for. */
#include "../../race/u.h"

static volatile sig_atomic_t told;

static void handler(int number)
{
    (void)number;
    told = 1;
}

int main(void)
{
    sigset_t only;
    handle(SIGUSR1, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, NULL);
    if (fork() == 0) {
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    while (!told)
        sigsuspend(&only);
    return reap();
}
