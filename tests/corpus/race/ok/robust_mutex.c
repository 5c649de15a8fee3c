/* Right: the holder dies, the next one is told so by EOWNERDEAD and makes the mutex consistent. */
#include "../u.h"

typedef struct {
    pthread_mutex_t lock;
    int count;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&all->lock, &attributes);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (pthread_mutex_lock(&all->lock) == EOWNERDEAD)
                pthread_mutex_consistent(&all->lock);
            all->count++;
            if (i == 0)
                raise(SIGKILL);
            pthread_mutex_unlock(&all->lock);
            _exit(0);
        }
    reap();
    if (pthread_mutex_lock(&all->lock) == EOWNERDEAD)
        pthread_mutex_consistent(&all->lock);
    return all->count != 2;
}
