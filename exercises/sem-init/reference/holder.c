/* holder.c

   A partner of sem_init: take the semaphore, say so, hold it until standard input ends; then
   add AMOUNT to the counter and give the semaphore back.

   Usage: holder KEY AMOUNT
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/shm.h>

static void fail(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

static void change(int sem_id, short by)
{
    struct sembuf operation = {.sem_op = by, .sem_flg = SEM_UNDO};
    while (semop(sem_id, &operation, 1) == -1)
        if (errno != EINTR)
            fail("holder: semop");
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: holder KEY AMOUNT\n");
        exit(2);
    }
    key_t key = (key_t)strtoul(argv[1], NULL, 0);
    int sem_id = semget(key, 1, 0);
    if (sem_id == -1)
        fail("holder: semget");
    int shm_id = shmget(key, sizeof(long), 0);
    if (shm_id == -1)
        fail("holder: shmget");
    long *counter = shmat(shm_id, NULL, 0);
    if (counter == (void *)-1)
        fail("holder: shmat");

    change(sem_id, -1);
    printf("held\n");
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    *counter += atol(argv[2]);
    change(sem_id, +1);
    return EXIT_SUCCESS;
}
