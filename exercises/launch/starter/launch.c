/* launch.c

   Run several commands at once, and report how each of them ends, in the order in which they do.

   Usage: launch COMMAND [ARG]... [+ COMMAND [ARG]...]...
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[])
{
    if (argc < 2) {
        fprintf(stderr, "usage: launch COMMAND [ARG]... [+ COMMAND [ARG]...]...\n");
        exit(2);
    }

    /* TODO: a + ends one command and begins the next; what must stand at the end of the argv
       that you hand to exec(3)? */
    int count = 1;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "+") == 0)
            count++;
    printf("commands: %d\n", count);

    /* TODO: start all of them (fork(2), execvp(3)); what does the child do if exec fails? */

    /* TODO: wait for each (wait(2)), and print how it has ended: WIFEXITED(), WIFSIGNALED() */

    return EXIT_SUCCESS;
}
