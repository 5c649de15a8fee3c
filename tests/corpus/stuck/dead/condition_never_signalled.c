/* Dead: the state is changed, but nobody is told. */
#include "../../race/u.h"

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int ready;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    shared_mutex(&all->lock);
    shared_condition(&all->changed);
    if (fork() == 0) {
        pthread_mutex_lock(&all->lock);
        while (all->ready < 2)
            pthread_cond_wait(&all->changed, &all->lock);
        pthread_mutex_unlock(&all->lock);
        _exit(0);
    }
    pthread_mutex_lock(&all->lock);
    all->ready = 1;
    pthread_cond_signal(&all->changed);
    pthread_mutex_unlock(&all->lock);
    return reap();
}
