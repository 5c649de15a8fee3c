/* Right: a spin lock of atomic_flag. */
#include "../u.h"

int main(void)
{
    struct {
        atomic_flag lock;
        int count;
    } *all = shared(sizeof *all);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            while (atomic_flag_test_and_set(&all->lock))
                sched_yield();
            all->count++;
            atomic_flag_clear(&all->lock);
            _exit(0);
        }
    return reap() || all->count != 3;
}
