/* Wrong: a handler and the program that it interrupts both count in shared memory, and ++ is no
 * single step. */
#include "../u.h"

static volatile int *n;

static void on(int number)
{
    (void)number;
    ++*n;
}

int main(void)
{
    n = shared(64);
    handle(SIGUSR1, on);
    pid_t parent = getpid();
    if (fork() == 0) {
        kill(parent, SIGUSR1);
        _exit(0);
    }
    for (int i = 0; i < 3; i++)
        ++*n;
    return reap();
}
