/* The parent waits in read() for a child that computes first. */
#include <err.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int ends[2];
    char byte;

    if (pipe(ends) == -1)
        err(EXIT_FAILURE, "pipe");
    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        for (volatile unsigned long i = 0; i < 200000000; i++)
            ;
        if (write(ends[1], "x", 1) != 1)
            _exit(1);
        _exit(0);
    default:
        break;
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        errx(EXIT_FAILURE, "nothing came");
    if (wait(NULL) == -1)
        err(EXIT_FAILURE, "wait");
    return 0;
}
