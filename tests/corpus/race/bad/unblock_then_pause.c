/* Wrong: the signal is blocked, but it is unblocked before pause(), not by sigsuspend(). */
#include "../u.h"

static volatile sig_atomic_t come;

static void handler(int number)
{
    (void)number;
    come = 1;
}

int main(void)
{
    sigset_t only, before;
    handle(SIGUSR1, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, &before);
    if (fork() == 0) {
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    if (!come) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        pause();
    }
    return reap();
}
