/* Wrong: trusts that after a short sleep the child has come to its pause(). */
#include "../u.h"

static void handler(int number)
{
    (void)number;
}

int main(void)
{
    handle(SIGUSR1, handler);
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    usleep(30000);
    kill(child, SIGUSR1);
    return reap();
}
