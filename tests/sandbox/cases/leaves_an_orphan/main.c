/* Exits while its child still works; the child ends on its own a little later. */
#include <err.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        while (clock() < CLOCKS_PER_SEC / 10)
            ;
        _exit(EXIT_SUCCESS);
    default:
        return 0;
    }
}
