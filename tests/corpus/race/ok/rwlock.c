/* Right: readers together, writers alone. */
#include "../u.h"

typedef struct {
    pthread_rwlock_t lock;
    int one, other;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_rwlock_init(&all->lock, &attributes);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            int differ = 0;
            if (i % 2 == 0) {
                pthread_rwlock_wrlock(&all->lock);
                all->one++;
                all->other++;
            } else {
                pthread_rwlock_rdlock(&all->lock);
                differ = all->one != all->other;
            }
            pthread_rwlock_unlock(&all->lock);
            _exit(differ);
        }
    return reap() || all->one != 2;
}
