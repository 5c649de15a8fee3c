/* Wrong: the flag that the other waits for under the mutex is set without it. */
#include "../u.h"

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
        while (!all->ready)
            pthread_cond_wait(&all->changed, &all->lock);
        pthread_mutex_unlock(&all->lock);
        _exit(0);
    }
    all->ready = 1;
    pthread_cond_signal(&all->changed);
    return reap();
}
