/* What the programs of this folder share: every call checked, every object made announced.
   A line "sem 5" or "msg 5" on standard output tells the test what to remove afterwards. */
#ifndef CASE_H
#define CASE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MILLISECOND 1000000L

/* How long a limit is: a test that looks at the wait itself makes it a thousand times as long. */
static inline long milliseconds(long few)
{
    return getenv("CASE_SLOWLY") != NULL ? 1000 * few : few;
}

static inline struct timespec limit_of(long few)
{
    long all = milliseconds(few);
    return (struct timespec){.tv_sec = all / 1000, .tv_nsec = all % 1000 * MILLISECOND};
}

static inline long check(long result, const char *call)
{
    if (result == -1) {
        perror(call);
        _exit(99);
    }
    return result;
}

static inline int checked(int result, const char *call)
{
    return (int)check(result, call);
}

static inline void announce(const char *kind, int id)
{
    printf("%s %d\n", kind, id);
    fflush(stdout);
}

static inline int make_set(int count, int value)
{
    int set = checked(semget(IPC_PRIVATE, count, 0600), "semget");
    announce("sem", set);
    for (int i = 0; i < count; i++)
        check(semctl(set, i, SETVAL, value), "semctl");
    return set;
}

static inline void change(int set, int number, int by)
{
    struct sembuf operation = {
        .sem_num = (unsigned short)number, .sem_op = (short)by, .sem_flg = 0};
    check(semop(set, &operation, 1), "semop");
}

static inline int make_queue(void)
{
    int queue = checked(msgget(IPC_PRIVATE, 0600), "msgget");
    announce("msg", queue);
    return queue;
}

static inline void *shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        check(-1, "mmap");
    return memory;
}

/* Two processes meet: each writes a byte to the other and reads one. */
struct meeting {
    int there[2], back[2];
};

static inline void meeting_make(struct meeting *meeting)
{
    check(pipe(meeting->there), "pipe");
    check(pipe(meeting->back), "pipe");
}

static inline void meet(const struct meeting *meeting, int first)
{
    char byte = 'x';
    check(write(first ? meeting->there[1] : meeting->back[1], &byte, 1), "write");
    check(read(first ? meeting->back[0] : meeting->there[0], &byte, 1), "read");
}

static inline void doze(long nanoseconds)
{
    struct timespec left = {.tv_sec = 0, .tv_nsec = nanoseconds};
    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        ;
}

/* The moment so many nanoseconds from now, as the timed calls of pthreads want it. */
static inline struct timespec after(long nanoseconds)
{
    struct timespec now;
    check(clock_gettime(CLOCK_REALTIME, &now), "clock_gettime");
    now.tv_nsec += nanoseconds;
    if (now.tv_nsec >= 1000 * MILLISECOND) {
        now.tv_sec++;
        now.tv_nsec -= 1000 * MILLISECOND;
    }
    return now;
}

static inline void ignore_signal(int number)
{
    (void)number;
}

static inline void handle(int number)
{
    struct sigaction action = {.sa_handler = ignore_signal};
    check(sigaction(number, &action, NULL), "sigaction");
}

#endif
