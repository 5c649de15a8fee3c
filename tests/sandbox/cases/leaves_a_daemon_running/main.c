/* Forks twice around setsid(), as a daemon does, and never ends the daemon. */
#include <err.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t child = fork();
    if (child == -1)
        err(EXIT_FAILURE, "fork");

    if (child == 0) {
        if (setsid() == -1)
            err(EXIT_FAILURE, "setsid");
        pid_t daemon = fork();
        if (daemon == -1)
            err(EXIT_FAILURE, "fork");
        if (daemon == 0)
            pause();
        _exit(EXIT_SUCCESS);
    }
    if (waitpid(child, NULL, 0) == -1)
        err(EXIT_FAILURE, "waitpid(%d)", (int)child);
    return 0;
}
