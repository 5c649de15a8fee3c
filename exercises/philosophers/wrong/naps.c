/* MISTAKE: takes one fork, tries to get the other, and if that is not there puts the first down
   again and sleeps a little.

   Forks in shared memory, a POSIX semaphore each. They have numbers, and everybody takes the one
   with the lower number first: so there can be no circle in which each waits for the next.
*/
#define _GNU_SOURCE /* For MAP_ANONYMOUS */
#include <errno.h>
#include <semaphore.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "table.h"

struct table {
    int n;
    sem_t forks[]; /* Fork i lies to the left of philosopher i, fork i + 1 to the right */
};

static size_t size_of(int n)
{
    return sizeof(struct table) + (size_t)n * sizeof(sem_t);
}

struct table *table_make(int n)
{
    struct table *table =
        mmap(NULL, size_of(n), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return NULL;
    table->n = n;
    for (int i = 0; i < n; i++)
        if (sem_init(&table->forks[i], 1, 1) == -1)
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

static bool take_both(sem_t *one, sem_t *other)
{
    for (;;) {
        if (!take(one))
            return false;
        if (sem_trywait(other) == 0)
            return true;
        sem_post(one);
        usleep(100000);
    }
}

bool table_take_forks(struct table *table, int i)
{
    int left = i, right = (i + 1) % table->n;
    return take_both(&table->forks[left], &table->forks[right]);
}

bool table_put_forks(struct table *table, int i)
{
    int left = i, right = (i + 1) % table->n;
    return sem_post(&table->forks[left]) == 0 && sem_post(&table->forks[right]) == 0;
}

void table_destroy(struct table *table)
{
    for (int i = 0; i < table->n; i++)
        sem_destroy(&table->forks[i]);
    munmap(table, size_of(table->n));
}
