/* Right: the handler of SIGCHLD is told that the child has stopped. */
#include "../u.h"

static volatile sig_atomic_t stopped;

static void note(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    if (info->si_code == CLD_STOPPED)
        stopped = 1;
}

int main(void)
{
    int *data = shared(sizeof *data), status;
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigset_t set, before;
    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &before);
    pid_t child = fork();
    if (child == 0) {
        *data = 41;
        kill(getpid(), SIGSTOP);
        _exit(*data != 42);
    }
    while (!stopped)
        sigsuspend(&before);
    ++*data;
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    return status;
}
