/* Right: SIGCHLD tells that the child has stopped itself, SIGCONT that it may go on. */
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
        _exit(*data != 42);
    }
    do
        sigwaitinfo(&set, &info);
    while (info.si_code != CLD_STOPPED);
    ++*data;
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    return status;
}
