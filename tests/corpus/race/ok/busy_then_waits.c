/* Right: who does not get the lock at once does something else first, and then waits for it. */
#include "../u.h"

struct box {
    pthread_mutex_t mutex;
    int count;
};

int main(void)
{
    struct box *box = shared(sizeof *box);
    shared_mutex(&box->mutex);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            volatile int other = 0;
            if (pthread_mutex_trylock(&box->mutex) != 0) {
                other++;
                pthread_mutex_lock(&box->mutex);
            }
            box->count++;
            pthread_mutex_unlock(&box->mutex);
            _exit(0);
        }
    reap();
    return box->count != 3;
}
