/* Waits for SIGCHLD, which was not blocked when it came: both children have ended before. */
#include "case.h"

int main(void)
{
    sigset_t mask;
    int number;
    for (int i = 0; i < 2; i++) {
        siginfo_t info;
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    }
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    return sigwait(&mask, &number);
}
