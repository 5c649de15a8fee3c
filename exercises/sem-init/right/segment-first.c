/* Also right: the segment is made first, SETALL, poll() to let time pass, the lock held for all M.

   Usage: sem_init KEY M
          sem_init -r KEY
*/
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *name; /* KEY */

static bool ok(int result, const char *what)
{
    if (result == -1)
        fprintf(stderr, "%s: %s: %s\n", name, what, strerror(errno));
    return result != -1;
}

static int step(int sem, short by)
{
    struct sembuf one = {.sem_num = 0, .sem_op = by, .sem_flg = SEM_UNDO};
    for (;;) {
        int result = semop(sem, &one, 1);
        if (result == 0 || errno != EINTR)
            return result;
    }
}

/* Return the set, initialised, or -1. */
static int ready_set(key_t key)
{
    for (;;) {
        int sem = semget(key, 1, IPC_CREAT | IPC_EXCL | S_IRUSR | S_IWUSR);
        if (sem != -1) {
            unsigned short zero = 0;
            struct sembuf up = {.sem_op = 1};
            return semctl(sem, 0, SETALL, &zero) == -1 || semop(sem, &up, 1) == -1 ? -1 : sem;
        }
        if (errno != EEXIST)
            return -1;
        sem = semget(key, 0, 0);
        struct semid_ds state;
        bool waiting = false;
        while (sem != -1) {
            if (semctl(sem, 0, IPC_STAT, &state) == -1)
                break;
            if (state.sem_otime)
                return sem;
            if (!waiting)
                waiting = write(1, "waiting\n", 8) == 8;
            poll(NULL, 0, 2);
        }
        if (errno != ENOENT && errno != EINVAL && errno != EIDRM)
            return -1;
    }
}

static int remove_all(void)
{
    key_t key = (key_t)strtoul(name, NULL, 0);
    int sem = semget(key, 0, 0);
    int shm = shmget(key, 0, 0);
    bool well = true;
    if (sem != -1)
        well &= ok(semctl(sem, 0, IPC_RMID), "semctl");
    if (shm != -1)
        well &= ok(shmctl(shm, IPC_RMID, NULL), "shmctl");
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fputs("usage: sem_init KEY M\n       sem_init -r KEY\n", stderr);
        return 2;
    }
    bool removes = strcmp(argv[1], "-r") == 0;
    name = argv[removes ? 2 : 1];
    if (removes)
        return remove_all();
    key_t key = (key_t)strtoul(name, NULL, 0);
    int shm = shmget(key, sizeof(long), IPC_CREAT | S_IRUSR | S_IWUSR);
    if (!ok(shm, "shmget"))
        return 1;
    long *at = shmat(shm, NULL, 0);
    if (!ok(at == (void *)-1 ? -1 : 0, "shmat"))
        return 1;
    int sem = ready_set(key);
    if (!ok(sem, "semget, semctl") || !ok(step(sem, -1), "semop"))
        return 1;
    long counter = *at += atol(argv[2]);
    if (!ok(step(sem, 1), "semop"))
        return 1;
    printf("counter: %ld\n", counter);
    return 0;
}
