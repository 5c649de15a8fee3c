/* MISTAKE: does not look whether the objects could be removed.

   Several programs that are started at once share a counter and a semaphore, which the first of
   them makes.

   Usage: sem_init KEY M
          sem_init -r KEY
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

static const char *key_text; /* As it was given */

static void fail(const char *call)
{
    fprintf(stderr, "sem_init: %s, key %s: %s\n", call, key_text, strerror(errno));
    exit(EXIT_FAILURE);
}

static void change(int sem_id, short by)
{
    struct sembuf operation = {.sem_op = by, .sem_flg = SEM_UNDO};
    while (semop(sem_id, &operation, 1) == -1)
        if (errno != EINTR) /* Stopped and continued */
            fail("semop");
}

/* The value is set first; the semop() that follows, and so sem_otime, tells that this is done. */
static void initialise(int sem_id)
{
    union {
        int value;
    } none = {.value = 0};
    struct sembuf operation = {.sem_op = 1};
    if (semctl(sem_id, 0, SETVAL, none) == -1 || semop(sem_id, &operation, 1) == -1)
        fail("initialising the semaphore");
}

/* Wait until the set's maker has initialised it. Return 0 if the set is removed instead. */
static int becomes_usable(int sem_id)
{
    struct semid_ds about;
    union {
        struct semid_ds *buf;
    } argument = {.buf = &about};
    for (int naps = 0; semctl(sem_id, 0, IPC_STAT, argument) != -1; naps++) {
        if (about.sem_otime != 0)
            return 1;
        if (naps == 0 && (puts("waiting") == EOF || fflush(stdout) == EOF))
            fail("write to standard output");
        usleep(5000);
    }
    if (errno != EINVAL && errno != EIDRM)
        fail("semctl IPC_STAT");
    return 0;
}

/* Whoever makes the set initialises it; everybody else waits for that. */
static int get_semaphore(key_t key)
{
    for (;;) {
        int sem_id = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
        if (sem_id != -1) {
            initialise(sem_id);
            return sem_id;
        }
        if (errno != EEXIST)
            fail("semget");
        sem_id = semget(key, 1, 0);
        if (sem_id != -1 && becomes_usable(sem_id))
            return sem_id;
        if (sem_id == -1 && errno != ENOENT) /* Removed just now */
            fail("semget");
    }
}

static void remove_objects(const char *text)
{
    key_text = text;
    key_t key = (key_t)strtoul(text, NULL, 0);
    int sem_id = semget(key, 0, 0), shm_id = shmget(key, 0, 0);
    semctl(sem_id, 0, IPC_RMID);
    shmctl(shm_id, IPC_RMID, NULL);
    exit(EXIT_SUCCESS);
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: sem_init KEY M | sem_init -r KEY\n");
        exit(2);
    }
    if (strcmp(argv[1], "-r") == 0)
        remove_objects(argv[2]);
    key_text = argv[1];
    key_t key = (key_t)strtoul(key_text, NULL, 0);

    /* A new segment is filled with zeros: the counter needs no initialisation. */
    int sem_id = get_semaphore(key);
    int shm_id = shmget(key, sizeof(long), IPC_CREAT | 0600);
    long *counter = shm_id == -1 ? (void *)-1 : shmat(shm_id, NULL, 0);
    if (counter == (void *)-1)
        fail("shmget, shmat");
    long value = 0;
    for (long i = atol(argv[2]); i > 0; i--) {
        change(sem_id, -1);
        value = ++*counter;
        change(sem_id, +1);
    }
    printf("counter: %ld\n", value);
    return EXIT_SUCCESS;
}
