/* pipe_self.c

   Send each TEXT through a pipe to this same process, and print what comes out of it.

   Usage: pipe_self TEXT...
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc < 2) {
        fprintf(stderr, "usage: pipe_self TEXT...\n");
        exit(2);
    }
    char back[10] = "";

    for (int i = 1; i < argc; i++) {
        /* TODO: make a pipe (pipe(2)) */

        /* TODO: write argv[i] into it (write(2)); who makes room when it is full? */

        /* TODO: read it back (read(2)); how do you know that you have all of it, and where does a
           string end? */

        printf("%d: %s\n", 0, argv[i][0] == '\0' ? "" : back);

        /* TODO: close both ends (close(2)) */
    }
    return EXIT_SUCCESS;
}
