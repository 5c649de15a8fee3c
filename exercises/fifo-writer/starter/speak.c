/* speak.c

   Write the lines of standard input into the FIFO PATH; when its reader goes, wait for the next.

   Usage: speak PATH
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: speak PATH\n");
        exit(2);
    }
    const char *path = argv[1];

    /* TODO: what does a process get that writes into a pipe which nobody reads? (signal(7)) */

    printf("waiting\n");
    /* TODO: open the FIFO for writing (open(2)); is it one? (fstat(2)) */
    printf("reader\n");

    /* TODO: write each line (write(2)); what if write() fails with EPIPE? */

    fprintf(stderr, "%s is not written yet\n", path);
    return EXIT_SUCCESS;
}
