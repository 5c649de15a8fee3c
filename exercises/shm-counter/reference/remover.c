/* remover.c

   A partner of shm_counter: remove the semaphore set with the key KEY, as `ipcrm -S KEY` does.

   Usage: remover KEY
*/
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: remover KEY\n");
        exit(2);
    }
    int sem_id = semget((key_t)strtoul(argv[1], NULL, 0), 0, 0);
    if (sem_id == -1 || semctl(sem_id, 0, IPC_RMID) == -1) {
        perror("remover");
        exit(EXIT_FAILURE);
    }
    return EXIT_SUCCESS;
}
