/* mmap_db.c

   Keep records of 100 bytes in a memory-mapped file that others use at the same time.
   Commands are read from standard input: add TEXT, get N, set N TEXT, count, sync.

   Usage: mmap_db FILE
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 100 /* Of a record: the text, spaces, a newline */

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: mmap_db FILE\n");
        exit(2);
    }

    /* TODO: open the file in argv[1] (open(2)) */

    char line[512];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';

        /* TODO: lock the file (fcntl(2)), look at its size (fstat(2)), make it longer for `add`
           (ftruncate(2)), map it (mmap(2)), do what the command says, unlock it */

        printf("no record %s of %s\n", line, argv[1]);
        fflush(stdout);
    }
    return EXIT_SUCCESS;
}
