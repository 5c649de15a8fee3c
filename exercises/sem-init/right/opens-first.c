/* Also right: the set is opened first, and made only if it is not there; SETVAL 1, and a semop()
   that takes and gives at once.

   Usage: sem_init KEY M
          sem_init -r KEY
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

static void die(const char *call, const char *key)
{
    fprintf(stderr, "%s(%s): %s\n", call, key, strerror(errno));
    exit(1);
}

static void nap(void)
{
    struct timespec time = {0, 1000000};
    nanosleep(&time, NULL);
}

static int take_or_give(int id, int by)
{
    struct sembuf operation = {0, (short)by, 0};
    int done;
    do
        done = semop(id, &operation, 1);
    while (done == -1 && errno == EINTR);
    return done;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s KEY M\n       %s -r KEY\n", argv[0], argv[0]);
        return 2;
    }
    if (!strcmp(argv[1], "-r")) {
        key_t key = (key_t)strtoll(argv[2], NULL, 0);
        int id = semget(key, 1, 0);
        if (id == -1 ? errno != ENOENT : semctl(id, 0, IPC_RMID) == -1)
            die("semctl", argv[2]);
        id = shmget(key, 1, 0);
        if (id == -1 ? errno != ENOENT : shmctl(id, IPC_RMID, NULL) == -1)
            die("shmctl", argv[2]);
        return 0;
    }

    key_t key = (key_t)strtoll(argv[1], NULL, 0);
    struct semid_ds about;
    union semun argument;
    int id, told;
again:
    told = 0;
    id = semget(key, 1, 0600);
    if (id == -1 && errno == ENOENT) {
        id = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
        if (id == -1 && errno == EEXIST)
            goto again;
        if (id == -1)
            die("semget", argv[1]);
        struct sembuf there_and_back[] = {{0, -1, 0}, {0, 1, 0}};
        argument.val = 1;
        if (semctl(id, 0, SETVAL, argument) == -1 || semop(id, there_and_back, 2) == -1)
            die("semctl, semop", argv[1]);
    } else if (id == -1) {
        die("semget", argv[1]);
    } else {
        argument.buf = &about;
        for (;;) {
            if (semctl(id, 0, IPC_STAT, argument) == -1) {
                if (errno == EINVAL || errno == EIDRM)
                    goto again;
                die("semctl", argv[1]);
            }
            if (about.sem_otime != 0)
                break;
            if (!told++) {
                puts("waiting");
                fflush(stdout);
            }
            nap();
        }
    }

    int shm = shmget(key, sizeof(long), IPC_CREAT | 0600);
    if (shm == -1)
        die("shmget", argv[1]);
    long *shared = shmat(shm, NULL, 0), mine = 0;
    if (shared == (void *)-1)
        die("shmat", argv[1]);
    for (long m = atol(argv[2]); m > 0; m--) {
        if (take_or_give(id, -1) == -1)
            die("semop", argv[1]);
        *shared = mine = *shared + 1;
        if (take_or_give(id, 1) == -1)
            die("semop", argv[1]);
    }
    printf("counter: %ld\n", mine);
    return 0;
}
