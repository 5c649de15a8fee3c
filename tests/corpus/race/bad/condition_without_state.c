/* Wrong: a signal that comes before anybody waits is lost: there is no state that keeps it. */
#include "../u.h"

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t ready;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    shared_mutex(&all->lock);
    shared_condition(&all->ready);
    if (fork() == 0) {
        pthread_mutex_lock(&all->lock);
        pthread_cond_wait(&all->ready, &all->lock);
        pthread_mutex_unlock(&all->lock);
        _exit(0);
    }
    usleep(20000);
    pthread_mutex_lock(&all->lock);
    pthread_cond_signal(&all->ready);
    pthread_mutex_unlock(&all->lock);
    return reap();
}
