/* Right: whoever draws a ticket waits until its number is called. */
#include "../u.h"

int main(void)
{
    struct {
        atomic_uint next, called;
        int count;
    } *all = shared(sizeof *all);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            unsigned mine = atomic_fetch_add(&all->next, 1);
            while (atomic_load(&all->called) != mine)
                sched_yield();
            all->count++;
            atomic_fetch_add(&all->called, 1);
            _exit(0);
        }
    return reap() || all->count != 3;
}
