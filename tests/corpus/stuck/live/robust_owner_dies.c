/* Live: the owner of a robust mutex sleeps and then dies. */
#include "../../race/u.h"

int main(void)
{
    pthread_mutex_t *m = shared(4096);
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setpshared(&a, 1);
    pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(m, &a);
    sem_t *s = shared(4096);
    sem_init(s, 1, 0);
    if (fork() == 0) {
        pthread_mutex_lock(m);
        sem_post(s);
        usleep(300000);
        _exit(0);
    }
    sem_wait(s);
    int r = pthread_mutex_lock(m);
    if (r == EOWNERDEAD)
        pthread_mutex_consistent(m);
    pthread_mutex_unlock(m);
    reap();
    return 0;
}
