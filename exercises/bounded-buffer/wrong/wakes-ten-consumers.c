/* MISTAKE: the end wakes ten consumers, which tell no other, and there may be more.

   A ring of lines in shared memory, under three POSIX semaphores: one counts the places that are
   free, one the lines that are there, and the third lets in one process at a time.
*/
#define _GNU_SOURCE /* For MAP_ANONYMOUS */
#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>

#include "buffer.h"

struct buffer {
    sem_t room, items, mutex;
    int capacity;
    int first, count;        /* Where the oldest line is, and how many there are: under the mutex */
    char lines[][LINE_SIZE]; /* So are these */
};

static size_t size_of(int capacity)
{
    return sizeof(struct buffer) + (size_t)capacity * LINE_SIZE;
}

/* Memory that children inherit, and that has no name: nothing to remove when all are killed. */
struct buffer *buffer_make(int capacity)
{
    struct buffer *buffer =
        mmap(NULL, size_of(capacity), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (buffer == MAP_FAILED)
        return NULL;
    buffer->capacity = capacity;
    if (sem_init(&buffer->room, 1, (unsigned)capacity) == -1 ||
        sem_init(&buffer->items, 1, 0) == -1 || sem_init(&buffer->mutex, 1, 1) == -1)
        return NULL;
    return buffer;
}

static bool take(sem_t *semaphore)
{
    while (sem_wait(semaphore) == -1)
        if (errno != EINTR)
            return false;
    return true;
}

/* The mutex is taken last: whoever waits for room must not keep out those who make room. */
bool buffer_put(struct buffer *buffer, const char line[LINE_SIZE])
{
    if (!take(&buffer->room) || !take(&buffer->mutex))
        return false;
    int end = (buffer->first + buffer->count) % buffer->capacity;
    strcpy(buffer->lines[end], line);
    buffer->count++;
    return sem_post(&buffer->mutex) == 0 && sem_post(&buffer->items) == 0;
}

/* An item that is announced and not there is the end; the next consumer must hear of it too. */
int buffer_take(struct buffer *buffer, char line[LINE_SIZE])
{
    if (!take(&buffer->items) || !take(&buffer->mutex))
        return -1;
    bool ended = buffer->count == 0;
    if (!ended) {
        strcpy(line, buffer->lines[buffer->first]);
        buffer->first = (buffer->first + 1) % buffer->capacity;
        buffer->count--;
    }
    if (sem_post(&buffer->mutex) == -1 || (!ended && sem_post(&buffer->room) == -1))
        return -1;
    return ended ? 0 : 1;
}

bool buffer_close(struct buffer *buffer)
{
    for (int i = 0; i < 10; i++)
        if (sem_post(&buffer->items) == -1)
            return false;
    return true;
}

void buffer_destroy(struct buffer *buffer)
{
    sem_destroy(&buffer->room);
    sem_destroy(&buffer->items);
    sem_destroy(&buffer->mutex);
    munmap(buffer, size_of(buffer->capacity));
}
