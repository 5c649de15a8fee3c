/* Right: the mutex lies in the part that stays mapped. */
#include "../u.h"

int main(void)
{
    char *start = shared(8192);
    int *count = shared(4096);
    pthread_mutex_t *lock = (pthread_mutex_t *)(start + 4096);
    shared_mutex(lock);
    munmap(start, 4096);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            pthread_mutex_lock(lock);
            ++*count;
            pthread_mutex_unlock(lock);
            _exit(0);
        }
    return reap() || *count != 2;
}
