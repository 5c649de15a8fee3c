/* Only its own handler of SIGCHLD writes to the pipe that it reads. */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];

static void on_child(int number)
{
    int before = errno;
    (void)number;
    if (write(ends[1], "x", 1) != 1)
        _exit(1);
    errno = before;
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART};
    char byte;

    if (pipe(ends) == -1 || sigaction(SIGCHLD, &action, NULL) == -1)
        err(EXIT_FAILURE, "pipe, sigaction");
    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        close(ends[0]);
        close(ends[1]);
        for (volatile unsigned long i = 0; i < 200000000; i++)
            ;
        _exit(0);
    default:
        break;
    }
    if (read(ends[0], &byte, 1) != 1)
        errx(EXIT_FAILURE, "nothing came");
    if (wait(NULL) == -1)
        err(EXIT_FAILURE, "wait");
    return 0;
}
