/* MISTAKE: destroys a condition variable on which processes waited when they were killed,
   and so waits for them for ever. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>

#include "table.h"

struct philosopher {
    bool eats;
    unsigned long number; /* 0: not waiting */
};

struct table {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int n;
    unsigned long numbers;
    struct philosopher at[];
};

struct table *table_make(int n)
{
    size_t size = sizeof(struct table) + (size_t)n * sizeof(struct philosopher);
    struct table *table =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return NULL;
    pthread_mutexattr_t shared_mutex;
    pthread_condattr_t shared_condition;
    pthread_mutexattr_init(&shared_mutex);
    pthread_mutexattr_setpshared(&shared_mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&table->mutex, &shared_mutex);
    pthread_condattr_init(&shared_condition);
    pthread_condattr_setpshared(&shared_condition, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&table->changed, &shared_condition);
    table->n = n;
    return table;
}

static bool must_wait_for(const struct table *table, int i, int neighbour)
{
    const struct philosopher *other = &table->at[neighbour];
    return other->eats || (other->number != 0 && other->number < table->at[i].number);
}

bool table_take_forks(struct table *table, int i)
{
    int left = (i + table->n - 1) % table->n, right = (i + 1) % table->n;
    pthread_mutex_lock(&table->mutex);
    table->at[i].number = ++table->numbers;
    while (must_wait_for(table, i, left) || must_wait_for(table, i, right))
        pthread_cond_wait(&table->changed, &table->mutex);
    table->at[i].number = 0;
    table->at[i].eats = true;
    pthread_cond_broadcast(&table->changed);
    pthread_mutex_unlock(&table->mutex);
    return true;
}

bool table_put_forks(struct table *table, int i)
{
    pthread_mutex_lock(&table->mutex);
    table->at[i].eats = false;
    pthread_cond_broadcast(&table->changed);
    pthread_mutex_unlock(&table->mutex);
    return true;
}

void table_destroy(struct table *table)
{
    pthread_cond_destroy(&table->changed);
    munmap(table, sizeof(struct table) + (size_t)table->n * sizeof(struct philosopher));
}
