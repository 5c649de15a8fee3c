/* The parent waits for ever; what the scenario waits for comes from its child. */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    int ends[2];
    char byte;

    signal(SIGCHLD, SIG_IGN);
    if (pipe(ends) == -1)
        err(EXIT_FAILURE, "pipe");
    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        close(ends[0]);
        close(ends[1]);
        for (volatile unsigned long i = 0; i < 200000000; i++)
            ;
        puts("ready");
        return 0;
    default:
        break;
    }
    if (read(ends[0], &byte, 1) != 1)
        errx(EXIT_FAILURE, "nothing came");
    return 0;
}
