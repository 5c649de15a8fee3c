/* Right: relaxed counters are only looked at when all have ended; a maximum by compare and
 * exchange. */
#include "../u.h"

int main(void)
{
    struct {
        atomic_long sum, most;
    } *all = shared(sizeof *all);
    for (long i = 1; i <= 3; i++)
        if (fork() == 0) {
            atomic_fetch_add_explicit(&all->sum, i, memory_order_relaxed);
            long most = atomic_load_explicit(&all->most, memory_order_relaxed);
            while (most < i && !atomic_compare_exchange_weak(&all->most, &most, i))
                ;
            _exit(0);
        }
    return reap() || all->sum != 6 || all->most != 3;
}
