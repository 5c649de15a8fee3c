/* Wrong: one wait() for each SIGCHLD, of which several may be one. */
#include "../u.h"

static volatile sig_atomic_t reaped;

static void handler(int number)
{
    int error = errno;
    (void)number;
    if (wait(NULL) > 0)
        reaped++;
    errno = error;
}

int main(void)
{
    sigset_t only, before;
    handle(SIGCHLD, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGCHLD);
    sigprocmask(SIG_BLOCK, &only, &before);
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            _exit(0);
    while (reaped < 3)
        sigsuspend(&before);
    return 0;
}
