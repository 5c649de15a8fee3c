/* value.c

   A partner of sem_undo: print the value of the semaphore.

   Usage: value KEY
*/
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: value KEY\n");
        exit(2);
    }
    int sem_id = semget((key_t)strtoul(argv[1], NULL, 0), 1, 0);
    int value = sem_id == -1 ? -1 : semctl(sem_id, 0, GETVAL);
    if (value == -1) {
        perror("value");
        exit(EXIT_FAILURE);
    }
    printf("%d\n", value);
    return EXIT_SUCCESS;
}
