/* Right: asks with WNOHANG whether a child has ended, and lets SIGCHLD in only while it waits. */
#include "../u.h"

static void wake(int number)
{
    (void)number;
}

int main(void)
{
    sigset_t child, before;
    handle(SIGCHLD, wake);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before);
    if (fork() == 0)
        _exit(0);
    while (waitpid(-1, NULL, WNOHANG) == 0)
        sigsuspend(&before);
    return 0;
}
