#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* The parent waits for its child, which the case has stopped. */
int main(void)
{
    pid_t child = fork();
    if (child == 0) {
        pause();
        return 0;
    }
    if (puts("ready") == EOF || fflush(stdout) == EOF)
        return 1;
    return waitpid(child, NULL, 0) == -1;
}
