/* MISTAKE: who is stopped and continued while it waits for the mutex takes that for a failure.
   System V shared memory and one set of three semaphores. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "buffer.h"

enum { ROOM, ITEMS, MUTEX };

struct shared {
    unsigned long put, taken;
    bool closed;
    char lines[][LINE_SIZE];
};

struct buffer {
    struct shared *shared;
    unsigned capacity;
    int shm_id, sem_id;
};

union semun {
    int val;
    unsigned short *array;
};

static bool change(const struct buffer *buffer, unsigned short which, short by)
{
    struct sembuf operation = {.sem_num = which, .sem_op = by};
    return semop(buffer->sem_id, &operation, 1) == 0;
}

/* This may take long: the process may be stopped and continued meanwhile. */
static bool wait_for(const struct buffer *buffer, unsigned short which)
{
    while (!change(buffer, which, -1))
        if (errno != EINTR)
            return false;
    return true;
}

struct buffer *buffer_make(int capacity)
{
    unsigned short first[] = {(unsigned short)capacity, 0, 1};
    union semun values = {.array = first};
    struct buffer *buffer = malloc(sizeof(*buffer));
    if (buffer == NULL)
        return NULL;
    buffer->capacity = (unsigned)capacity;
    size_t size = sizeof(struct shared) + (size_t)capacity * LINE_SIZE;
    buffer->shm_id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
    if (buffer->shm_id == -1)
        return NULL;
    buffer->shared = shmat(buffer->shm_id, NULL, 0);
    shmctl(buffer->shm_id, IPC_RMID, NULL); /* It goes when the last process has gone */
    if (buffer->shared == (void *)-1)
        return NULL;
    buffer->sem_id = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
    if (buffer->sem_id == -1)
        return NULL;
    if (semctl(buffer->sem_id, 0, SETALL, values) == -1) {
        semctl(buffer->sem_id, 0, IPC_RMID);
        return NULL;
    }
    return buffer;
}

bool buffer_put(struct buffer *buffer, const char line[LINE_SIZE])
{
    struct shared *shared = buffer->shared;
    if (!wait_for(buffer, ROOM) || !change(buffer, MUTEX, -1))
        return false;
    memcpy(shared->lines[shared->put++ % buffer->capacity], line, LINE_SIZE);
    return change(buffer, MUTEX, 1) && change(buffer, ITEMS, 1);
}

int buffer_take(struct buffer *buffer, char line[LINE_SIZE])
{
    struct shared *shared = buffer->shared;
    if (!wait_for(buffer, ITEMS) || !change(buffer, MUTEX, -1))
        return -1;
    bool found = !shared->closed || shared->put != shared->taken;
    if (found)
        memcpy(line, shared->lines[shared->taken++ % buffer->capacity], LINE_SIZE);
    if (!change(buffer, MUTEX, 1) || !change(buffer, found ? ROOM : ITEMS, 1))
        return -1;
    return found ? 1 : 0;
}

bool buffer_close(struct buffer *buffer)
{
    if (!change(buffer, MUTEX, -1))
        return false;
    buffer->shared->closed = true;
    return change(buffer, MUTEX, 1) && change(buffer, ITEMS, 1);
}

void buffer_destroy(struct buffer *buffer)
{
    shmdt(buffer->shared);
    semctl(buffer->sem_id, 0, IPC_RMID);
    free(buffer);
}
