/* How many children can there be? */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int children = 0;
    pid_t pid;

    while ((pid = fork()) > 0)
        children++;
    if (pid == 0) {
        pause();
        _exit(0);
    }
    printf("%d children, then %s\n", children, errno == EAGAIN ? "EAGAIN" : "something else");
    fflush(stdout);
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    while (wait(NULL) > 0)
        ;
    return 0;
}
