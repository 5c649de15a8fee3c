/* Wrong: asks with WNOHANG whether a child has ended, and then waits in pause(). */
#include "../u.h"

static void wake(int number)
{
    (void)number;
}

int main(void)
{
    handle(SIGCHLD, wake);
    if (fork() == 0) {
        usleep(20000);
        _exit(0);
    }
    while (waitpid(-1, NULL, WNOHANG) == 0)
        pause();
    return 0;
}
