/* maker.c

   A slow partner of sem_init: make the set with some value in it, say so, and wait for a line (or
   to be killed). After `go` initialise it as one should, and say so; after `remove` remove it.

   Usage: maker KEY VALUE
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>

static void fail(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

static void set(int sem_id, int value)
{
    union {
        int value;
    } argument = {.value = value};
    if (semctl(sem_id, 0, SETVAL, argument) == -1)
        fail("maker: semctl SETVAL");
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: maker KEY VALUE\n");
        exit(2);
    }
    int sem_id = semget((key_t)strtoul(argv[1], NULL, 0), 1, IPC_CREAT | IPC_EXCL | 0600);
    if (sem_id == -1)
        fail("maker: semget");
    set(sem_id, atoi(argv[2]));
    printf("made\n");
    fflush(stdout);
    char line[16];
    if (fgets(line, sizeof(line), stdin) == NULL)
        return EXIT_FAILURE;
    if (strcmp(line, "remove\n") == 0) {
        if (semctl(sem_id, 0, IPC_RMID) == -1)
            fail("maker: semctl IPC_RMID");
        return EXIT_SUCCESS;
    }

    set(sem_id, 0);
    struct sembuf operation = {.sem_op = 1};
    if (semop(sem_id, &operation, 1) == -1)
        fail("maker: semop");
    printf("initialised\n");
    return EXIT_SUCCESS;
}
