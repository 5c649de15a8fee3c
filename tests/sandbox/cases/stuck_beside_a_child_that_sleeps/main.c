/* It waits for itself, whatever its child does after an hour. */
#include <err.h>
#include <stdlib.h>
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
        close(ends[0]);
        close(ends[1]);
        sleep(3600);
        _exit(0);
    default:
        break;
    }
    if (read(ends[0], &byte, 1) != 1)
        errx(EXIT_FAILURE, "nothing came");
    return 0;
}
