/* MISTAKE: looks whether SIGUSR1 has come and then calls pause(): it may come in between.

   N child processes add 1 to a counter in System V shared memory, M times each, under a
   System V semaphore. Print the total.

   Usage: shm_counter KEY N M
*/
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *key_text; /* As it was given */
static int shm_id = -1, sem_id = -1;

static volatile sig_atomic_t got;

static void note(int sig)
{
    got = sig;
}

static void leave(int status)
{
    if (shm_id != -1)
        shmctl(shm_id, IPC_RMID, NULL);
    if (sem_id != -1)
        semctl(sem_id, 0, IPC_RMID);
    exit(status);
}

static void fail(const char *call)
{
    fprintf(stderr, "shm_counter: %s, key %s: %s\n", call, key_text, strerror(errno));
    leave(EXIT_FAILURE);
}

/* A new segment is filled with zeros, but the value of a new semaphore is not defined. */
static long *make_objects(key_t key)
{
    union {
        int value;
    } one = {.value = 1};
    if ((shm_id = shmget(key, sizeof(long), IPC_CREAT | IPC_EXCL | 0600)) == -1)
        fail("shmget");
    if ((sem_id = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600)) == -1)
        fail("semget");
    if (semctl(sem_id, 0, SETVAL, one) == -1)
        fail("semctl SETVAL");
    long *counter = shmat(shm_id, NULL, 0);
    if (counter == (void *)-1)
        fail("shmat");
    return counter;
}

/* Called in the children: what fails here must not remove the objects. */
static void change_semaphore(short change)
{
    struct sembuf operation = {.sem_op = change};
    while (semop(sem_id, &operation, 1) == -1)
        if (errno != EINTR) { /* EINTR: the child was stopped and continued */
            perror("shm_counter: semop");
            _exit(EXIT_FAILURE);
        }
}

static void count(long *counter, long times)
{
    for (long i = 0; i < times; i++) {
        change_semaphore(-1);
        *counter += 1;
        change_semaphore(+1);
    }
    _exit(EXIT_SUCCESS);
}

/* Return how many of the children have not done their work. */
static int run_children(int n, long *counter, long times)
{
    int started = 0, done = 0, status;
    for (pid_t child; started < n && (child = fork()) != -1; started++)
        if (child == 0)
            count(counter, times);
    for (int i = 0; i < started; i++) {
        if (wait(&status) == -1) /* No EINTR: there is no handler */
            fail("wait");
        if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
            done++;
    }
    return n - done;
}

int main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: shm_counter KEY N M\n");
        exit(2);
    }
    key_text = argv[1];

    /* These signals are taken by sigwait() only, so none can come before all is ready. */
    signal(SIGUSR1, note);
    signal(SIGINT, note);
    signal(SIGTERM, note);
    long *counter = make_objects((key_t)strtoul(key_text, NULL, 0));
    printf("ready\n");
    fflush(stdout); /* Or a pipe's reader would not see it before the end */
    while (!got)
        pause();
    int sig = got;
    if (sig != SIGUSR1)
        leave(128 + sig);
    int failed = run_children(atoi(argv[2]), counter, atol(argv[3]));
    if (failed > 0)
        fprintf(stderr, "shm_counter: %d children failed\n", failed);
    else
        printf("total: %ld\n", *counter);
    leave(failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
