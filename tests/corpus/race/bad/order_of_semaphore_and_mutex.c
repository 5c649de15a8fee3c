/* Wrong: one takes the semaphore and then the mutex, the other the mutex and then the semaphore. */
#include "../u.h"

int main(void)
{
    pthread_mutex_t *lock = shared(sizeof *lock);
    int set = semaphores(1, 1);
    shared_mutex(lock);
    if (fork() == 0) {
        P(set, 0);
        pthread_mutex_lock(lock);
        pthread_mutex_unlock(lock);
        V(set, 0);
        _exit(0);
    }
    pthread_mutex_lock(lock);
    P(set, 0);
    V(set, 0);
    pthread_mutex_unlock(lock);
    int status = reap();
    remove_set(set);
    return status;
}
