/* Right: a stack whose head is changed by compare and exchange. */
#include "../u.h"

struct node {
    int next, v;
};
struct s {
    atomic_int head;
    struct node n[64];
};
int main(void)
{
    struct s *s = shared(sizeof *s);
    atomic_store(&s->head, -1);
    if (fork() == 0) {
        for (int i = 0; i < 40; i++) {
            s->n[i].v = i + 1;
            int h = atomic_load_explicit(&s->head, memory_order_relaxed);
            do
                s->n[i].next = h;
            while (!atomic_compare_exchange_weak_explicit(&s->head, &h, i, memory_order_release,
                                                          memory_order_relaxed));
        }
        _exit(0);
    }
    int sum = 0, got = 0;
    while (got < 40) {
        int h = atomic_load_explicit(&s->head, memory_order_acquire);
        if (h < 0) {
            sched_yield();
            continue;
        }
        if (atomic_compare_exchange_weak_explicit(&s->head, &h, s->n[h].next, memory_order_acquire,
                                                  memory_order_acquire)) {
            sum += s->n[h].v;
            got++;
        }
    }
    return reap() || sum != 820;
}
