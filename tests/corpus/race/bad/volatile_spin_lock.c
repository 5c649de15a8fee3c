/* Wrong: a lock of one's own by test and set in two steps. */
#include "../u.h"

typedef struct {
    volatile int taken;
    int count;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            while (all->taken)
                sched_yield();
            all->taken = 1;
            all->count++;
            all->taken = 0;
            _exit(0);
        }
    return reap();
}
