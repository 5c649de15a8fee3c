/* Wrong: both increment while they hold the rwlock for reading only. */
#include "../u.h"

int main(void)
{
    struct {
        pthread_rwlock_t lock;
        int count;
    } *all = shared(sizeof *all);
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_rwlock_init(&all->lock, &attributes);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            pthread_rwlock_rdlock(&all->lock);
            all->count++;
            pthread_rwlock_unlock(&all->lock);
            _exit(0);
        }
    reap();
    return 0;
}
