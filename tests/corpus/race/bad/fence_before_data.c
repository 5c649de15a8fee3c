/* Wrong: the release fence stands before the data are written. */
#include "../u.h"

int main(void)
{
    struct {
        int data;
        atomic_int ready;
    } *all = shared(sizeof *all);
    if (fork() == 0) {
        atomic_thread_fence(memory_order_release);
        all->data = 42;
        atomic_store_explicit(&all->ready, 1, memory_order_relaxed);
        _exit(0);
    }
    while (!atomic_load_explicit(&all->ready, memory_order_relaxed))
        sched_yield();
    atomic_thread_fence(memory_order_acquire);
    int got = all->data;
    reap();
    return got != 42;
}
