/* Wrong: the child writes when it has been let go on, the parent, too. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), status;
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t child = fork();
    if (child == 0) {
        *data = 41;
        raise(SIGSTOP);
        ++*data;
        _exit(0);
    }
    do
        sigwaitinfo(&set, &info);
    while (info.si_code != CLD_STOPPED);
    kill(child, SIGCONT);
    ++*data;
    waitpid(child, &status, 0);
    return status;
}
