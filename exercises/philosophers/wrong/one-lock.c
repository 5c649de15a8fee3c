/* MISTAKE: one lock for the whole table: only one can eat at a time.

   Forks in shared memory, a POSIX semaphore each. They have numbers, and everybody takes the one
   with the lower number first: so there can be no circle in which each waits for the next.
*/
#define _GNU_SOURCE /* For MAP_ANONYMOUS */
#include <errno.h>
#include <semaphore.h>
#include <stddef.h>
#include <sys/mman.h>

#include "table.h"

struct table {
    int n;
    sem_t lock;
};

struct table *table_make(int n)
{
    struct table *table =
        mmap(NULL, sizeof(struct table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return NULL;
    table->n = n;
    if (sem_init(&table->lock, 1, 1) == -1)
        return NULL;
    return table;
}

static bool take(sem_t *fork)
{
    while (sem_wait(fork) == -1)
        if (errno != EINTR)
            return false;
    return true;
}

bool table_take_forks(struct table *table, int i)
{
    return i < table->n && take(&table->lock);
}

bool table_put_forks(struct table *table, int i)
{
    return i < table->n && sem_post(&table->lock) == 0;
}

void table_destroy(struct table *table)
{
    sem_destroy(&table->lock);
    munmap(table, sizeof(struct table));
}
