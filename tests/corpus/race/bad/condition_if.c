/* Wrong: after a broadcast each consumer takes it that there is an item for it: if, not while. */
#include "../u.h"

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    int items;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    shared_mutex(&all->lock);
    shared_condition(&all->filled);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            pthread_mutex_lock(&all->lock);
            if (all->items == 0)
                pthread_cond_wait(&all->filled, &all->lock);
            all->items--;
            int left = all->items;
            pthread_mutex_unlock(&all->lock);
            _exit(left < 0);
        }
    for (int i = 0; i < 2; i++) {
        pthread_mutex_lock(&all->lock);
        all->items++;
        pthread_cond_broadcast(&all->filled);
        pthread_mutex_unlock(&all->lock);
    }
    return reap();
}
