/* Dead: the barrier is for three, but there are two. */
#include "../../race/u.h"

int main(void)
{
    pthread_barrier_t *barrier = shared(sizeof *barrier);
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(barrier, &attributes, 3);
    int child = fork() == 0;
    pthread_barrier_wait(barrier);
    if (child)
        _exit(0);
    return reap();
}
