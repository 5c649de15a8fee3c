/* Wrong: a signal between the look at the count and its reset to 0 is not counted. */
#include "../u.h"

static volatile sig_atomic_t pending;

static void count(int number)
{
    (void)number;
    pending++;
}

int main(void)
{
    int go[2];
    long total = 0;
    sigset_t blocked, open;
    handle(SIGUSR1, count);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &open);
    if (pipe(go) == -1)
        return 1;
    if (fork() == 0) {
        char byte;
        kill(getppid(), SIGUSR1);
        if (read(go[0], &byte, 1) == 1)
            kill(getppid(), SIGUSR1);
        _exit(0);
    }
    while (pending == 0)
        sigsuspend(&open);
    sigprocmask(SIG_SETMASK, &open, NULL);
    if (write(go[1], "", 1) != 1)
        return 1;
    total += pending;
    pending = 0;
    wait(NULL);
    total += pending;
    return total != 2;
}
