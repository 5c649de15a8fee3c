/* u.h - what the programs of the corpus share, so that each can be a few lines

   A semaphore set, shared memory, locks for processes, a file without a name, a handler, and the
   end of all children. Nothing here looks for errors that the programs are not about.
*/
#ifndef CORPUS_U_H
#define CORPUS_U_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- System V semaphores --- */

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

static inline void set_to(int set, int number, int value)
{
    union semun argument = {.val = value};
    semctl(set, number, SETVAL, argument);
}

static inline int semaphores(int count, int value)
{
    int set = semget(IPC_PRIVATE, count, IPC_CREAT | 0600);
    for (int i = 0; i < count; i++)
        set_to(set, i, value);
    return set;
}

static inline void remove_set(int set)
{
    semctl(set, 0, IPC_RMID);
}

static inline void change(int set, int number, int by)
{
    struct sembuf operation = {(unsigned short)number, (short)by, 0};
    while (semop(set, &operation, 1) == -1)
        if (errno != EINTR)
            exit(3);
}

static inline void P(int set, int number)
{
    change(set, number, -1);
}

static inline void V(int set, int number)
{
    change(set, number, 1);
}

/* --- memory --- */

static inline void *shared(size_t size)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static inline void *segment(size_t size)
{
    int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
    void *start = shmat(id, NULL, 0);
    shmctl(id, IPC_RMID, NULL);
    return start;
}

/* --- locks for processes --- */

static inline void shared_mutex(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(mutex, &attributes);
}

static inline void shared_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(condition, &attributes);
}

static inline int scratch_file(void)
{
    char name[] = "/tmp/corpus_XXXXXX";
    int file = mkstemp(name);
    unlink(name);
    return file;
}

static inline int record_lock(int file, int type, off_t start, off_t length)
{
    struct flock lock = {.l_type = (short)type, .l_start = start, .l_len = length};
    return fcntl(file, F_SETLKW, &lock);
}

/* --- signals and children --- */

static inline void handle(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(number, &action, NULL);
}

/* Waits for all children. 1: one of them has failed. */
static inline int reap(void)
{
    int status, failed = 0;
    while (wait(&status) > 0)
        failed |= status != 0;
    return failed;
}

#endif
