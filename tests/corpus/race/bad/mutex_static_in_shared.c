/* Wrong: a mutex in shared memory that was given PTHREAD_MUTEX_INITIALIZER is not process-shared.
 */
#include "../u.h"

int main(void)
{
    struct {
        pthread_mutex_t lock;
        int count;
    } *all = shared(sizeof *all);
    all->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
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
