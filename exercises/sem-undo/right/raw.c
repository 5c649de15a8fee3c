/* Also right: read() and write(); the mark is the pid of whoever is inside; SETALL.

   Usage: sem_undo create|run|remove KEY
*/
#define _GNU_SOURCE /* For semtimedop() */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

static int done(const char *key, const char *call)
{
    fprintf(stderr, "%s: %s: %s\n", key, call, strerror(errno));
    return 1;
}

static int create(const char *text, key_t key)
{
    unsigned short values[1] = {1};
    int sem = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
    if (sem == -1)
        return done(text, "semget");
    if (semctl(sem, 0, SETALL, values) == -1 ||
        shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600) == -1) {
        int status = done(text, "shmget");
        semctl(sem, 0, IPC_RMID);
        return status;
    }
    return 0;
}

static int destroy(const char *text, key_t key)
{
    int sem = semget(key, 1, 0), shm = shmget(key, 1, 0), status = 0;
    if (sem != -1 && semctl(sem, 0, IPC_RMID) == -1)
        status = done(text, "semctl");
    if (shm != -1 && shmctl(shm, IPC_RMID, NULL) == -1)
        status = done(text, "shmctl");
    return status;
}

static int next_line(void)
{
    char byte = '\0';
    ssize_t got;
    do
        got = read(STDIN_FILENO, &byte, 1);
    while ((got == 1 && byte != '\n') || (got == -1 && errno == EINTR));
    return got == 1;
}

static void print(const char *text)
{
    if (write(STDOUT_FILENO, text, strlen(text)) == -1)
        exit(1);
}

static int operate(int sem, short by)
{
    struct sembuf operation = {0, by, SEM_UNDO};
    while (semtimedop(sem, &operation, 1, NULL) == -1)
        if (errno != EINTR)
            return -1;
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fputs("usage: sem_undo create|run|remove KEY\n", stderr);
        return 2;
    }
    const char *text = argv[2];
    key_t key = (key_t)strtoul(text, NULL, 0);
    if (argv[1][0] == 'c')
        return create(text, key);
    if (strcmp(argv[1], "remove") == 0)
        return destroy(text, key);

    int sem = semget(key, 1, 0), shm = shmget(key, 1, 0);
    pid_t *holder = shm == -1 ? (void *)-1 : shmat(shm, NULL, 0);
    if (sem == -1 || holder == (void *)-1)
        return done(text, "run");
    while (next_line()) {
        if (operate(sem, -1) == -1)
            return done(text, "semop");
        pid_t dead = *holder;
        *holder = getpid();
        print(dead != 0 ? "in, after a crash\n" : "in\n");
        next_line();
        *holder = 0;
        if (operate(sem, 1) == -1)
            return done(text, "semop");
        print("out\n");
    }
    return 0;
}
