/* Right: the old __sync functions as a lock, and to count. */
#include "../u.h"

int main(void)
{
    struct {
        int lock, count, times;
    } *all = shared(sizeof *all);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            while (__sync_lock_test_and_set(&all->lock, 1))
                sched_yield();
            all->count++;
            __sync_lock_release(&all->lock);
            __sync_fetch_and_add(&all->times, 1);
            _exit(0);
        }
    return reap() || all->count != 3 || all->times != 3;
}
