/* sem_undo.c

   A critical section that survives the death of whoever is in it: a semaphore with SEM_UNDO, and
   a mark in shared memory.

   Usage: sem_undo create KEY
          sem_undo run KEY
          sem_undo remove KEY
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: sem_undo create|run|remove KEY\n");
        exit(2);
    }
    if (strcmp(argv[1], "create") == 0) {
        /* TODO: make the set and the segment (semget(2), semctl(2), shmget(2)) */
    } else if (strcmp(argv[1], "remove") == 0) {
        /* TODO: remove both (semctl(2), shmctl(2)) */
    } else {
        int c;
        while ((c = getchar()) != EOF) {
            /* TODO: at each first line take the semaphore (semop(2), SEM_UNDO), and look at the
             * mark; at each second one give it back */
            if (c == '\n')
                puts("in");
        }
    }
    return EXIT_SUCCESS;
}
