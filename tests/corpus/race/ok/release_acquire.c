/* Right: published by a release store, seen by an acquire load. */
#include "../u.h"

int main(void)
{
    struct {
        int data;
        atomic_int ready;
    } *all = shared(sizeof *all);
    if (fork() == 0) {
        all->data = 42;
        atomic_store_explicit(&all->ready, 1, memory_order_release);
        _exit(0);
    }
    while (!atomic_load_explicit(&all->ready, memory_order_acquire))
        sched_yield();
    return all->data != 42 || reap();
}
