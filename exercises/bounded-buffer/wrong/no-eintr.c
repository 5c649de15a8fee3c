/* MISTAKE: a semop() that is interrupted counts as failed. */
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

static bool change(const struct buffer *buffer, unsigned short which, short by, bool mutex_too)
{
    struct sembuf operations[] = {{.sem_num = which, .sem_op = by},
                                  {.sem_num = MUTEX, .sem_op = by}};
    return semop(buffer->sem_id, operations, mutex_too ? 2 : 1) == 0;
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
    if (!change(buffer, ROOM, -1, true))
        return false;
    memcpy(shared->lines[shared->put++ % buffer->capacity], line, LINE_SIZE);
    return change(buffer, ITEMS, 1, true);
}

int buffer_take(struct buffer *buffer, char line[LINE_SIZE])
{
    struct shared *shared = buffer->shared;
    if (!change(buffer, ITEMS, -1, true))
        return -1;
    if (shared->closed && shared->put == shared->taken)
        return change(buffer, ITEMS, 1, true) ? 0 : -1;
    memcpy(line, shared->lines[shared->taken++ % buffer->capacity], LINE_SIZE);
    return change(buffer, ROOM, 1, true) ? 1 : -1;
}

bool buffer_close(struct buffer *buffer)
{
    if (!change(buffer, MUTEX, -1, false))
        return false;
    buffer->shared->closed = true;
    return change(buffer, ITEMS, 1, true);
}

void buffer_destroy(struct buffer *buffer)
{
    shmdt(buffer->shared);
    semctl(buffer->sem_id, 0, IPC_RMID);
    free(buffer);
}
