/* Right: who does not get the lock in time, or hears of nobody, gives up: that is told, and touches
 * nothing. */
#include "../u.h"

typedef struct {
    sem_t semaphore, done;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int count, ready;
} All;

static void give_up(const char *what)
{
    fprintf(stderr, "%s: too late\n", what);
    _exit(1);
}

static void work(All *all, int set)
{
    struct timespec limit, two = {2, 0};
    struct sembuf down = {0, -1, SEM_UNDO}, up = {0, 1, SEM_UNDO};
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 2;
    if (sem_timedwait(&all->semaphore, &limit) == -1)
        give_up("sem_timedwait");
    all->count++;
    sem_post(&all->semaphore);
    if (semtimedop(set, &down, 1, &two) == -1)
        give_up("semtimedop");
    all->count++;
    semop(set, &up, 1);
    if (pthread_mutex_timedlock(&all->mutex, &limit) != 0)
        give_up("pthread_mutex_timedlock");
    all->ready++;
    pthread_cond_signal(&all->changed);
    pthread_mutex_unlock(&all->mutex);
    sem_post(&all->done);
}

int main(void)
{
    All *all = shared(sizeof *all);
    struct timespec limit;
    sem_init(&all->semaphore, 1, 1);
    sem_init(&all->done, 1, 0);
    shared_mutex(&all->mutex);
    shared_condition(&all->changed);
    int set = semaphores(1, 1);
    if (fork() == 0) {
        work(all, set);
        _exit(0);
    }
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 5;
    pthread_mutex_lock(&all->mutex);
    while (!all->ready)
        if (pthread_cond_timedwait(&all->changed, &all->mutex, &limit) != 0)
            give_up("pthread_cond_timedwait");
    pthread_mutex_unlock(&all->mutex);
    while (sem_timedwait(&all->done, &limit) == -1)
        if (errno == ETIMEDOUT)
            give_up("sem_timedwait");
    int count = all->count;
    remove_set(set);
    return reap() || count != 2;
}
