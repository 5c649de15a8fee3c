/* MISTAKE: prints `out` before it gives the semaphore back.

   A critical section that survives the death of whoever is in it: a semaphore with SEM_UNDO, and
   a mark in shared memory.

   Usage: sem_undo create KEY
          sem_undo run KEY
          sem_undo remove KEY
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>

static const char *key_text; /* As it was given */

static void fail(const char *call)
{
    fprintf(stderr, "sem_undo: %s, key %s: %s\n", call, key_text, strerror(errno));
    exit(EXIT_FAILURE);
}

static void create(key_t key)
{
    union {
        int value;
    } one = {.value = 1};
    int shm_id = shmget(key, sizeof(int), IPC_CREAT | IPC_EXCL | 0600); /* Filled with zeros */
    if (shm_id == -1)
        fail("shmget");
    int sem_id = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
    if (sem_id == -1 || semctl(sem_id, 0, SETVAL, one) == -1) {
        int error = errno;
        shmctl(shm_id, IPC_RMID, NULL);
        if (sem_id != -1)
            semctl(sem_id, 0, IPC_RMID);
        errno = error;
        fail("making the semaphore");
    }
}

static void remove_both(key_t key)
{
    int sem_id = semget(key, 0, 0), shm_id = shmget(key, 0, 0);
    if (sem_id != -1 && semctl(sem_id, 0, IPC_RMID) == -1)
        fail("semctl IPC_RMID");
    if (shm_id != -1 && shmctl(shm_id, IPC_RMID, NULL) == -1)
        fail("shmctl IPC_RMID");
}

/* When this process ends, however it ends, the kernel undoes what it has taken and not given. */
static void change_semaphore(int sem_id, short by)
{
    struct sembuf operation = {.sem_op = by, .sem_flg = SEM_UNDO};
    while (semop(sem_id, &operation, 1) == -1)
        if (errno != EINTR) /* Stopped and continued */
            fail("semop");
}

/* Read a line, and return whether there was one. */
static int read_line(void)
{
    int c;
    while ((c = getchar()) != EOF && c != '\n')
        continue;
    return c == '\n';
}

static void say(const char *line)
{
    if (puts(line) == EOF || fflush(stdout) == EOF)
        fail("write to standard output");
}

static void run(key_t key)
{
    int sem_id = semget(key, 1, 0), shm_id = shmget(key, sizeof(int), 0);
    if (sem_id == -1 || shm_id == -1)
        fail("semget, shmget");
    int *inside = shmat(shm_id, NULL, 0);
    if (inside == (void *)-1)
        fail("shmat");
    while (read_line()) {
        change_semaphore(sem_id, -1);
        int mark = *inside; /* Whoever left it there has died inside */
        *inside = 1;
        say(mark ? "in, after a crash" : "in");
        read_line();
        *inside = 0;
        say("out");
        change_semaphore(sem_id, +1);
    }
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: sem_undo create|run|remove KEY\n");
        exit(2);
    }
    key_text = argv[2];
    key_t key = (key_t)strtoul(key_text, NULL, 0);
    if (strcmp(argv[1], "create") == 0)
        create(key);
    else if (strcmp(argv[1], "remove") == 0)
        remove_both(key);
    else
        run(key);
    return EXIT_SUCCESS;
}
