/* Wrong: the result of pthread_mutex_trylock() is not looked at. */
#include "../u.h"

int main(void)
{
    struct {
        pthread_mutex_t lock;
        int count;
    } *all = shared(sizeof *all);
    shared_mutex(&all->lock);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int got = pthread_mutex_trylock(&all->lock);
            all->count++;
            if (got == 0)
                pthread_mutex_unlock(&all->lock);
            _exit(0);
        }
    return reap();
}
