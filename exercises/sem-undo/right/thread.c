/* Also right: a thread reads the lines, and hands them over through a pipe; entering takes two
   operations.

   Usage: sem_undo create|run|remove KEY
*/
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

struct shared {
    bool busy;
};

static int channel[2];

static void die(const char *key)
{
    perror(key);
    exit(EXIT_FAILURE);
}

static void *read_lines(void *unused)
{
    int c;
    while ((c = getchar()) != EOF)
        if (c == '\n' && write(channel[1], "", 1) != 1)
            break;
    close(channel[1]);
    return unused;
}

static bool line_came(void)
{
    char byte;
    return read(channel[0], &byte, 1) == 1;
}

static void enter(int sem, const char *key)
{
    struct sembuf take[] = {{0, -1, SEM_UNDO},
                            {0, 0, 0}}; /* And nobody else may be inside: 0 is left */
    while (semop(sem, take, 2) == -1)
        if (errno != EINTR)
            die(key);
}

static void leave(int sem, const char *key)
{
    struct sembuf give = {0, +1, SEM_UNDO};
    if (semop(sem, &give, 1) == -1)
        die(key);
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s create KEY | run KEY | remove KEY\n", argv[0]);
        return 2;
    }
    const char *text = argv[2];
    key_t key = (key_t)strtol(text, NULL, 0);
    bool creates = strcmp(argv[1], "create") == 0, removes = strcmp(argv[1], "remove") == 0;
    int flags = creates ? IPC_CREAT | IPC_EXCL | 0600 : 0;
    int shm = shmget(key, sizeof(struct shared), flags);
    if (shm == -1 && !removes)
        die(text);
    int sem = semget(key, 1, flags);
    if (creates) {
        struct sembuf first = {0, 1, 0};
        if (sem == -1 || semop(sem, &first, 1) == -1) {
            perror(text);
            shmctl(shm, IPC_RMID, NULL);
            return 1;
        }
        return 0;
    }
    if (removes)
        return (sem != -1 && semctl(sem, 0, IPC_RMID) == -1) |
               (shm != -1 && shmctl(shm, IPC_RMID, NULL) == -1);

    struct shared *shared = shmat(shm, NULL, 0);
    if (sem == -1 || shared == (void *)-1 || pipe(channel) == -1)
        die(text);
    pthread_t reader;
    if ((errno = pthread_create(&reader, NULL, read_lines, NULL)) != 0)
        die(text);
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (line_came()) {
        enter(sem, text);
        bool crashed = shared->busy;
        shared->busy = true;
        printf("in%s\n", crashed ? ", after a crash" : "");
        line_came();
        shared->busy = false;
        leave(sem, text);
        printf("out\n");
    }
    return 0;
}
