/* Right: twelve flags are loaded relaxed, and one fence behind them all takes what they tell. */
#include "../u.h"

enum { COUNT = 12 };

typedef struct {
    atomic_int done[COUNT];
    int part[COUNT];
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    int sum = 0;
    for (int i = 0; i < COUNT; i++)
        if (fork() == 0) {
            all->part[i] = i;
            atomic_store_explicit(&all->done[i], 1, memory_order_release);
            _exit(0);
        }
    for (int i = 0; i < COUNT; i++)
        while (!atomic_load_explicit(&all->done[i], memory_order_relaxed))
            sched_yield();
    atomic_thread_fence(memory_order_acquire);
    for (int i = 0; i < COUNT; i++)
        sum += all->part[i];
    return reap() || sum != 66;
}
