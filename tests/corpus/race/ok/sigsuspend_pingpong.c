/* Right: blocked signals and sigsuspend(), to and fro. */
#include "../u.h"

static volatile sig_atomic_t turns;

static void handler(int number)
{
    (void)number;
    turns++;
}

int main(void)
{
    sigset_t only, before;
    int *count = shared(sizeof *count);
    handle(SIGUSR1, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, &before);
    pid_t other = fork();
    int child = other == 0;
    if (child)
        other = getppid();
    for (int round = 0; round < 3; round++) {
        while (turns < round + child)
            sigsuspend(&before);
        ++*count;
        kill(other, SIGUSR1);
    }
    if (child)
        _exit(0);
    return reap() || *count != 6;
}
