/* pipeline.c

   Run commands at the same time, each with the output of the one before as its input.

   Usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[])
{
    if (argc < 2) {
        fprintf(stderr, "usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...\n");
        exit(2);
    }

    int count = 1;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "|") == 0)
            count++;
    printf("%d commands\n", count);

    /* TODO: for each command: make the pipe to the next one (pipe(2)), start a child (fork(2)),
       make the ends that it needs its standard input and output (dup2(2)), close what it does not
       need, and become the command (execvp(3)) */

    /* TODO: close what the parent does not need; when? */

    /* TODO: wait for all of them (wait(2)), and exit with the status of the last one */

    return EXIT_SUCCESS;
}
