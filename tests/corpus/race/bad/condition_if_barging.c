/* Wrong: with `if`, a consumer that was woken may find that another has taken its item before it.
 */
#include "../u.h"

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    int items, waits;
} All;

static int waits_of(All *all)
{
    pthread_mutex_lock(&all->lock);
    int waits = all->waits;
    pthread_mutex_unlock(&all->lock);
    return waits;
}

static void put(All *all)
{
    pthread_mutex_lock(&all->lock);
    all->items++;
    pthread_cond_signal(&all->filled);
    pthread_mutex_unlock(&all->lock);
}

int main(void)
{
    All *all = shared(sizeof *all);
    shared_mutex(&all->lock);
    shared_condition(&all->filled);
    if (fork() == 0) {
        pthread_mutex_lock(&all->lock);
        if (all->items == 0) {
            all->waits++;
            pthread_cond_wait(&all->filled, &all->lock);
        }
        int left = --all->items;
        all->waits = 2;
        pthread_mutex_unlock(&all->lock);
        _exit(left < 0);
    }
    while (waits_of(all) == 0)
        usleep(200);
    put(all);
    pthread_mutex_lock(&all->lock);
    if (all->items > 0)
        all->items--;
    pthread_mutex_unlock(&all->lock);
    while (waits_of(all) == 1)
        usleep(200);
    put(all);
    return reap();
}
