/* Wrong: pthread_mutex_timedlock() may time out, and nobody looks. */
#include "../u.h"

typedef struct {
    pthread_mutex_t mutex;
    int count;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    shared_mutex(&all->mutex);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            struct timespec limit;
            clock_gettime(CLOCK_REALTIME, &limit);
            limit.tv_sec += 2;
            pthread_mutex_timedlock(&all->mutex, &limit);
            all->count++;
            pthread_mutex_unlock(&all->mutex);
            _exit(0);
        }
    return reap();
}
