/* Wrong: load, then store: between the two the other comes in, although both are atomic. */
#include "../u.h"

typedef struct {
    atomic_int taken;
    int count;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            while (atomic_load(&all->taken))
                sched_yield();
            atomic_store(&all->taken, 1);
            all->count++;
            atomic_store(&all->taken, 0);
            _exit(0);
        }
    return reap();
}
