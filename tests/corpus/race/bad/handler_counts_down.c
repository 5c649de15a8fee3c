/* Wrong: ++ in the handler, -- in the program: volatile makes neither one step. */
#include "../u.h"

static volatile sig_atomic_t waiting;

static void handler(int number)
{
    (void)number;
    waiting++;
}

int main(void)
{
    handle(SIGUSR1, handler);
    pid_t parent = getpid();
    waiting = 5;
    if (fork() == 0) {
        kill(parent, SIGUSR1);
        _exit(0);
    }
    for (int i = 0; i < 4; i++)
        waiting--;
    return reap();
}
