/* reaper.c

   Run each line of standard input in the background, and report each that has ended.

   Usage: reaper
*/
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int commands = 0;

    /* TODO: see to it that SIGCHLD is noticed (sigaction(2)); what may the handler do, and what
     * must not come in between? (sigprocmask(2), ppoll(2), signalfd(2)) */

    /* TODO: read lines (read(2)), and start /bin/sh -c LINE for each (fork(2), execl(3)), with
     * /dev/null as its standard input */

    /* TODO: whenever children have ended, report all of them (waitpid(2) with WNOHANG) */

    printf("commands: %d\n", commands);
    return EXIT_SUCCESS;
}
