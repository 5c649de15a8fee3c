/* Waits in pause() for SIGCHLD, although it has reaped its only child. */
#include "case.h"

static void on_child(int number)
{
    (void)number;
}

int main(void)
{
    signal(SIGCHLD, on_child);
    if (fork() == 0)
        _exit(0);
    while (wait(NULL) == -1)
        ;
    return pause();
}
