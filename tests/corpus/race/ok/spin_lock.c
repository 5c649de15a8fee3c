/* Right: pthread_spin_lock() for processes. */
#include "../u.h"

int main(void)
{
    struct {
        pthread_spinlock_t lock;
        int count;
    } *all = shared(sizeof *all);
    pthread_spin_init(&all->lock, PTHREAD_PROCESS_SHARED);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            pthread_spin_lock(&all->lock);
            all->count++;
            pthread_spin_unlock(&all->lock);
            _exit(0);
        }
    return reap() || all->count != 3;
}
