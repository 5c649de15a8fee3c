/* Sees its child exit (WNOWAIT leaves it as it is), goes on, and exits without reaping it. */
#include <err.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;
    pid_t child = fork();
    if (child == -1)
        err(EXIT_FAILURE, "fork");
    if (child == 0)
        _exit(EXIT_SUCCESS);

    if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == -1)
        err(EXIT_FAILURE, "waitid(%d)", (int)child);
    return 0;
}
