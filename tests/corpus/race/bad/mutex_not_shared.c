/* Wrong: the mutex lies in shared memory, but was not made PTHREAD_PROCESS_SHARED. */
#include "../u.h"

int main(void)
{
    struct {
        pthread_mutex_t lock;
        int count;
    } *all = shared(sizeof *all);
    pthread_mutex_init(&all->lock, NULL);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            pthread_mutex_lock(&all->lock);
            all->count++;
            pthread_mutex_unlock(&all->lock);
            _exit(0);
        }
    reap();
    return 0;
}
