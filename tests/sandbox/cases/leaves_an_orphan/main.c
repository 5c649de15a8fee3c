/* Exits while its child still works; the child ends on its own a little later. */
#include <err.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    const struct timespec work = {0, 200 * 1000 * 1000};

    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        nanosleep(&work, NULL);
        _exit(EXIT_SUCCESS);
    default:
        return 0;
    }
}
