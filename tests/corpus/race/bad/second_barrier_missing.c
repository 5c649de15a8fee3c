/* Wrong: after the barrier each reads the other's slot, and may write its own again meanwhile. */
#include "../u.h"

typedef struct {
    pthread_barrier_t barrier;
    int slots[2];
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&all->barrier, &attributes, 2);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int sum = 0;
            for (int round = 1; round <= 2; round++) {
                all->slots[i] = round;
                pthread_barrier_wait(&all->barrier);
                sum += all->slots[1 - i];
            }
            _exit(sum < 3);
        }
    reap();
    return 0;
}
