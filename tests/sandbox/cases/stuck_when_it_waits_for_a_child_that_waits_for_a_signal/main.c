/* The parent waits for its child, and the child for a signal that nobody sends. */
#include <err.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        pause();
        _exit(0);
    default:
        break;
    }
    if (wait(NULL) == -1)
        err(EXIT_FAILURE, "wait");
    return 0;
}
