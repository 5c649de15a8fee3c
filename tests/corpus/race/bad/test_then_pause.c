/* Wrong: the signal may come between the test and pause(), which then waits for ever. */
#include "../u.h"

static volatile sig_atomic_t come;

static void handler(int number)
{
    (void)number;
    come = 1;
}

int main(void)
{
    handle(SIGUSR1, handler);
    if (fork() == 0) {
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    while (!come)
        pause();
    return reap();
}
