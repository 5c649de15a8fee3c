/* Also right: handlers and sigsuspend(), the semaphore set made first, SEM_UNDO, and the lock held
   for all M.

   Usage: shm_counter KEY N M
*/
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

static volatile sig_atomic_t got = 0;

static void note(int sig)
{
    if (sig != SIGUSR1 || got == 0)
        got = sig;
}

static void change(int sem_id, short by)
{
    struct sembuf operation = {0, by, SEM_UNDO};
    while (semop(sem_id, &operation, 1) == -1)
        if (errno != EINTR)
            _exit(1);
}

int main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: shm_counter KEY N M\n");
        return 2;
    }
    key_t key = (key_t)strtol(argv[1], NULL, 0);
    int n = atoi(argv[2]);
    sigset_t awaited, before;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGUSR1);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    sigprocmask(SIG_BLOCK, &awaited, &before);
    signal(SIGUSR1, note);
    signal(SIGINT, note);
    signal(SIGTERM, note);

    union semun value = {.val = 1};
    int sem_id = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
    if (sem_id == -1 || semctl(sem_id, 0, SETVAL, value) == -1) {
        perror(argv[1]);
        return 1;
    }
    int shm_id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
    long *counter = shm_id == -1 ? (void *)-1 : shmat(shm_id, NULL, 0);
    if (counter == (void *)-1) {
        perror(argv[1]);
        semctl(sem_id, 0, IPC_RMID);
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("ready\n");
    while (got == 0)
        sigsuspend(&before); /* None can come between the test and the wait */

    int wrong = 0;
    for (int i = 0; got == SIGUSR1 && i < n; i++)
        if (fork() == 0) {
            change(sem_id, -1);
            for (long j = 0; j < atol(argv[3]); j++)
                ++*counter;
            change(sem_id, 1);
            _exit(0);
        }
    for (int status; wait(&status) != -1 || errno == EINTR;)
        wrong += status != 0;
    if (wrong > 0)
        fprintf(stderr, "%d children did not do their work\n", wrong);
    else if (got == SIGUSR1)
        printf("total: %ld\n", *counter);
    shmdt(counter);
    shmctl(shm_id, IPC_RMID, NULL);
    semctl(sem_id, 0, IPC_RMID);
    return got != SIGUSR1 ? 128 + got : wrong > 0;
}
