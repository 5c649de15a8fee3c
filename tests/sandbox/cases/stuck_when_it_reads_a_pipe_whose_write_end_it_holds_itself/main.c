/* The only writer that is left is the reader. */
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
        if (write(ends[1], "x", 1) != 1)
            _exit(1);
        _exit(0);
    default:
        break;
    }
    while (read(ends[0], &byte, 1) == 1)
        ;
    if (wait(NULL) == -1)
        err(EXIT_FAILURE, "wait");
    return 0;
}
