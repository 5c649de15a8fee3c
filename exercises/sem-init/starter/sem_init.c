/* sem_init.c

   Several programs that are started at once share a counter and a semaphore, which the first of
   them makes.

   Usage: sem_init KEY M
          sem_init -r KEY
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: sem_init KEY M | sem_init -r KEY\n");
        exit(2);
    }
    if (strcmp(argv[1], "-r") == 0) {
        /* TODO: remove the set and the segment, as far as they are there (semctl(2), shmctl(2)) */
        return EXIT_SUCCESS;
    }
    long times = atol(argv[2]), value = 0;

    /* TODO: make the set, or else wait until whoever has made it has also initialised it
     * (semget(2), semctl(2) with IPC_STAT, sem_otime) */

    /* TODO: get the segment (shmget(2), shmat(2)) */

    while (times-- > 0) {
        /* TODO: take the semaphore, add 1, and give it back (semop(2)) */
        value++;
    }
    printf("counter: %ld\n", value);
    return EXIT_SUCCESS;
}
