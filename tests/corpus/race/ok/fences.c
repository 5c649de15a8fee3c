/* Right: relaxed accesses, with a release fence before the store and an acquire fence after the
 * load. */
#include "../u.h"

int main(void)
{
    struct {
        int data;
        atomic_int ready;
    } *all = shared(sizeof *all);
    if (fork() == 0) {
        all->data = 42;
        atomic_thread_fence(memory_order_release);
        atomic_store_explicit(&all->ready, 1, memory_order_relaxed);
        _exit(0);
    }
    while (!atomic_load_explicit(&all->ready, memory_order_relaxed))
        sched_yield();
    atomic_thread_fence(memory_order_acquire);
    return all->data != 42 || reap();
}
