/* reader.c

   Create the FIFO PATH, copy each line that comes through it to standard output, followed
   by its length in bytes, and remove the FIFO when the last writer has left.

   Usage: reader PATH
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: reader PATH\n");
        exit(2);
    }
    const char *path = argv[1];

    /* TODO: make the FIFO (mkfifo(3)) */

    /* TODO: open it for reading (open(2)); which program is waited for here? */

    /* TODO: read until the last writer has left (read(2)), printing each line and its length */

    /* TODO: remove the FIFO (unlink(2)), also when SIGINT or SIGTERM ends the program */

    printf("%s is not read yet\n", path);
    return EXIT_SUCCESS;
}
