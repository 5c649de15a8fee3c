/* Right: a lock of relaxed operations and fences, taken and let go twice; the exchange may fail. */
#include "../u.h"

typedef struct {
    atomic_int lock;
    int count;
} All;

static void add(All *all)
{
    int none = 0;
    while (!atomic_compare_exchange_weak_explicit(&all->lock, &none, 1, memory_order_relaxed,
                                                  memory_order_relaxed)) {
        none = 0;
        sched_yield();
    }
    atomic_thread_fence(memory_order_acquire);
    all->count++;
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&all->lock, 0, memory_order_relaxed);
}

int main(void)
{
    All *all = shared(sizeof *all);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            add(all);
            add(all);
            _exit(0);
        }
    int failed = reap();
    return failed || all->count != 6;
}
