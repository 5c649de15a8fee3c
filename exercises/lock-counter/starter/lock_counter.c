/* lock_counter.c

   N child processes add 1 to one record of a file, M times each, under a record lock, and
   print each new number. Print the total.

   Usage: lock_counter FILE RECORD N M
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc != 5) {
        fprintf(stderr, "usage: lock_counter FILE RECORD N M\n");
        exit(2);
    }
    int n = atoi(argv[3]);
    long times = atol(argv[4]);

    /* TODO: open the file in argv[1] (open(2)) */

    /* TODO: start the children (fork(2)); each reads the record, adds 1, writes it back and
     * prints it, under a lock on just this record (fcntl(2), "Advisory record locking") */

    /* TODO: wait for the children (wait(2)), and read the total from the record */

    printf("total: %ld\n", n * times);
    return EXIT_SUCCESS;
}
