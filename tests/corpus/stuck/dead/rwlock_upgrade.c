/* Dead: two readers that both want to write. */
#include "../../race/u.h"

int main(void)
{
    pthread_rwlock_t *l = shared(4096);
    pthread_rwlockattr_t a;
    pthread_rwlockattr_init(&a);
    pthread_rwlockattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    pthread_rwlock_init(l, &a);
    sem_t *s = shared(4096);
    sem_init(s, 1, 0);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            pthread_rwlock_rdlock(l);
            sem_post(s);
            pthread_rwlock_wrlock(l);
            _exit(0);
        }
    reap();
    return 0;
}
