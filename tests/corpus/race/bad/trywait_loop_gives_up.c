/* Wrong: who has tried three times goes on without the semaphore. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    sem_t *t = shared(4096);
    sem_init(t, 1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 10; k++) {
                for (int j = 0; j < 3 && sem_trywait(t); j++)
                    sched_yield();
                ++*n;
                sem_post(t);
            }
            _exit(0);
        }
    reap();
    return 0;
}
