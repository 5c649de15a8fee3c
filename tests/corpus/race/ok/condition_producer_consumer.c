/* Right: mutex, state and while around pthread_cond_wait(). */
#include "../u.h"

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    int items[2], count, sum;
} All;

static void put(All *all, int item)
{
    pthread_mutex_lock(&all->lock);
    while (all->count == 2)
        pthread_cond_wait(&all->emptied, &all->lock);
    all->items[all->count++] = item;
    pthread_cond_signal(&all->filled);
    pthread_mutex_unlock(&all->lock);
}

static void get(All *all)
{
    pthread_mutex_lock(&all->lock);
    while (all->count == 0)
        pthread_cond_wait(&all->filled, &all->lock);
    all->sum += all->items[--all->count];
    pthread_cond_signal(&all->emptied);
    pthread_mutex_unlock(&all->lock);
}

int main(void)
{
    All *all = shared(sizeof *all);
    shared_mutex(&all->lock);
    shared_condition(&all->filled);
    shared_condition(&all->emptied);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 3; k++)
                get(all);
            _exit(0);
        }
    for (int k = 1; k <= 6; k++)
        put(all, k);
    return reap() || all->sum != 21;
}
