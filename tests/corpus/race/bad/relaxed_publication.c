/* Wrong: memory_order_relaxed orders nothing but the flag itself. */
#include "../u.h"

int main(void)
{
    struct {
        atomic_int ready;
        int data;
    } *all = shared(sizeof *all);
    if (fork() == 0) {
        all->data = 42;
        atomic_store_explicit(&all->ready, 1, memory_order_relaxed);
        _exit(0);
    }
    while (!atomic_load_explicit(&all->ready, memory_order_relaxed))
        sched_yield();
    int got = all->data;
    reap();
    return got != 42;
}
