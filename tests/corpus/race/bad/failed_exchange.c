/* Wrong: an exchange that fails has stored nothing, so it gives no order. */
#include "../u.h"

int main(void)
{
    struct {
        int data;
        atomic_int lock, ready;
    } *all = shared(sizeof *all);
    all->lock = 5;
    if (fork() == 0) {
        int none = 0;
        all->data = 42;
        atomic_compare_exchange_strong(&all->lock, &none, 1);
        atomic_store_explicit(&all->ready, 1, memory_order_relaxed);
        _exit(0);
    }
    while (!atomic_load_explicit(&all->ready, memory_order_relaxed))
        sched_yield();
    (void)atomic_load(&all->lock);
    int got = all->data;
    reap();
    return got != 42;
}
