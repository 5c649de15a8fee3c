/* Wrong: pthread_cond_timedwait() may come back without what it waits for, and the data are read
 * all the same. */
#include "../u.h"

typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int ready, data;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    struct timespec limit;
    shared_mutex(&all->mutex);
    shared_condition(&all->changed);
    pthread_mutex_lock(&all->mutex); /* So that it does wait */
    if (fork() == 0) {
        all->data = 42;
        pthread_mutex_lock(&all->mutex);
        all->ready = 1;
        pthread_cond_signal(&all->changed);
        pthread_mutex_unlock(&all->mutex);
        _exit(0);
    }
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 2;
    int error = 0;
    while (!all->ready && error == 0)
        error = pthread_cond_timedwait(&all->changed, &all->mutex, &limit);
    pthread_mutex_unlock(&all->mutex);
    int got = all->data;
    reap();
    return error == 0 && got != 42;
}
