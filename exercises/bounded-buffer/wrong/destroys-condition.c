/* MISTAKE: destroys a condition variable on which processes waited when they were killed,
   and so waits for them for ever. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buffer.h"

struct buffer {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t size;
    int capacity, in, out, count;
    bool closed;
    char lines[][LINE_SIZE];
};

struct buffer *buffer_make(int capacity)
{
    char name[64];
    size_t size = sizeof(struct buffer) + (size_t)capacity * LINE_SIZE;
    snprintf(name, sizeof(name), "/buffer.%ld", (long)getpid());
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd == -1)
        return NULL;
    shm_unlink(name);
    if (ftruncate(fd, (off_t)size) == -1)
        return NULL;
    struct buffer *buffer = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (buffer == MAP_FAILED)
        return NULL;

    pthread_mutexattr_t shared_mutex;
    pthread_condattr_t shared_condition;
    pthread_mutexattr_init(&shared_mutex);
    pthread_mutexattr_setpshared(&shared_mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&buffer->mutex, &shared_mutex);
    pthread_condattr_init(&shared_condition);
    pthread_condattr_setpshared(&shared_condition, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&buffer->changed, &shared_condition);
    buffer->size = size;
    buffer->capacity = capacity;
    return buffer;
}

bool buffer_put(struct buffer *buffer, const char line[LINE_SIZE])
{
    pthread_mutex_lock(&buffer->mutex);
    while (buffer->count == buffer->capacity)
        pthread_cond_wait(&buffer->changed, &buffer->mutex);
    strcpy(buffer->lines[buffer->in], line);
    buffer->in = (buffer->in + 1) % buffer->capacity;
    buffer->count++;
    pthread_cond_broadcast(&buffer->changed);
    pthread_mutex_unlock(&buffer->mutex);
    return true;
}

int buffer_take(struct buffer *buffer, char line[LINE_SIZE])
{
    pthread_mutex_lock(&buffer->mutex);
    while (buffer->count == 0 && !buffer->closed)
        pthread_cond_wait(&buffer->changed, &buffer->mutex);
    bool ended = buffer->count == 0;
    if (!ended) {
        strcpy(line, buffer->lines[buffer->out]);
        buffer->out = (buffer->out + 1) % buffer->capacity;
        buffer->count--;
    }
    pthread_cond_broadcast(&buffer->changed);
    pthread_mutex_unlock(&buffer->mutex);
    return ended ? 0 : 1;
}

bool buffer_close(struct buffer *buffer)
{
    pthread_mutex_lock(&buffer->mutex);
    buffer->closed = true;
    pthread_cond_broadcast(&buffer->changed);
    pthread_mutex_unlock(&buffer->mutex);
    return true;
}

void buffer_destroy(struct buffer *buffer)
{
    pthread_cond_destroy(&buffer->changed);
    munmap(buffer, buffer->size);
}
