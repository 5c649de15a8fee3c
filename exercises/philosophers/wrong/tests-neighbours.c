/* MISTAKE: eats when no neighbour eats, whoever has been waiting longer. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>

#include "table.h"

struct table {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int n;
    bool eats[];
};

struct table *table_make(int n)
{
    size_t size = sizeof(struct table) + (size_t)n * sizeof(bool);
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

bool table_take_forks(struct table *table, int i)
{
    int left = (i + table->n - 1) % table->n, right = (i + 1) % table->n;
    pthread_mutex_lock(&table->mutex);
    while (table->eats[left] || table->eats[right])
        pthread_cond_wait(&table->changed, &table->mutex);
    table->eats[i] = true;
    pthread_mutex_unlock(&table->mutex);
    return true;
}

bool table_put_forks(struct table *table, int i)
{
    pthread_mutex_lock(&table->mutex);
    table->eats[i] = false;
    pthread_cond_broadcast(&table->changed);
    pthread_mutex_unlock(&table->mutex);
    return true;
}

void table_destroy(struct table *table)
{
    munmap(table, sizeof(struct table) + (size_t)table->n * sizeof(bool));
}
