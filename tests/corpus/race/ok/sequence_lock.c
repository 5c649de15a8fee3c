/* Right: a sequence lock whose data are atomic, too. */
#include "../u.h"

struct s {
    atomic_uint q;
    atomic_int a, b;
};
int main(void)
{
    struct s *s = shared(sizeof *s);
    if (fork() == 0) {
        for (int i = 1; i < 200; i++) {
            unsigned q = atomic_load_explicit(&s->q, memory_order_relaxed);
            atomic_store_explicit(&s->q, q + 1, memory_order_relaxed);
            atomic_thread_fence(memory_order_release);
            atomic_store_explicit(&s->a, i, memory_order_relaxed);
            atomic_store_explicit(&s->b, i, memory_order_relaxed);
            atomic_store_explicit(&s->q, q + 2, memory_order_release);
        }
        _exit(0);
    }
    int bad = 0;
    for (int k = 0; k < 200; k++) {
        unsigned q, e;
        int a, b;
        do {
            q = atomic_load_explicit(&s->q, memory_order_acquire);
            a = atomic_load_explicit(&s->a, memory_order_relaxed);
            b = atomic_load_explicit(&s->b, memory_order_relaxed);
            atomic_thread_fence(memory_order_acquire);
            e = atomic_load_explicit(&s->q, memory_order_relaxed);
        } while ((q & 1) || q != e);
        bad |= a != b;
    }
    return reap() || bad;
}
