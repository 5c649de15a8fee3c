/* buffer.c

   A buffer of lines that several processes share.
*/
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

struct buffer {
    /* TODO: what else is there to remember, and which semaphores? */
    char line[LINE_SIZE];
    bool full;
};

struct buffer *buffer_make(int capacity)
{
    /* TODO: the children will each have a copy of this; it must be shared memory (mmap(2), or
       shmget(2)), with room for more than one line, and with semaphores (sem_init(3), or
       semget(2)) */
    (void)capacity;
    return calloc(1, sizeof(struct buffer));
}

bool buffer_put(struct buffer *buffer, const char line[LINE_SIZE])
{
    /* TODO: wait until there is room */
    strcpy(buffer->line, line);
    buffer->full = true;
    return true;
}

int buffer_take(struct buffer *buffer, char line[LINE_SIZE])
{
    /* TODO: wait until there is a line, or until the buffer has been closed and is empty */
    if (!buffer->full)
        return 0;
    strcpy(line, buffer->line);
    buffer->full = false;
    return 1;
}

bool buffer_close(struct buffer *buffer)
{
    /* TODO: let those who wait for a line know that no more will come */
    (void)buffer;
    return true;
}

void buffer_destroy(struct buffer *buffer)
{
    free(buffer);
}
