/* Right: sigpending() until the signal is there. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t parent = getpid();
    if (fork() == 0) {
        *data = 42;
        kill(parent, SIGUSR1);
        _exit(0);
    }
    do
        sigpending(&pending);
    while (!sigismember(&pending, SIGUSR1));
    int seen = *data;
    return reap() || seen != 42;
}
