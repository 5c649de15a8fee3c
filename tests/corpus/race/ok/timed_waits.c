/* Right: sem_timedwait(), pthread_mutex_timedlock(), pthread_cond_timedwait() and their clocks. */
#include "../u.h"

typedef struct {
    sem_t items;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int ready, data;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    struct timespec limit;
    sem_init(&all->items, 1, 0);
    shared_mutex(&all->lock);
    shared_condition(&all->changed);
    if (fork() == 0) {
        all->data = 41;
        sem_post(&all->items);
        pthread_mutex_lock(&all->lock);
        all->ready = 1;
        pthread_cond_broadcast(&all->changed);
        pthread_mutex_unlock(&all->lock);
        _exit(0);
    }
    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += 100;
    while (sem_clockwait(&all->items, CLOCK_MONOTONIC, &limit) == -1)
        ;
    all->data++;
    pthread_mutex_clocklock(&all->lock, CLOCK_MONOTONIC, &limit);
    while (!all->ready)
        pthread_cond_clockwait(&all->changed, &all->lock, CLOCK_MONOTONIC, &limit);
    int ready = all->ready;
    pthread_mutex_unlock(&all->lock);
    return reap() || ready != 1 || all->data != 42;
}
