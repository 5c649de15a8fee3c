/* Right: producers and consumers have a lock each; the semaphores keep the slots apart. */
#include "../u.h"

typedef struct {
    int ring[2], in, out, sum;
} All;

enum { SLOTS_FREE, ITEMS, PUT, GET };

int main(void)
{
    All *all = segment(sizeof *all);
    int set = semaphores(4, 1);
    set_to(set, SLOTS_FREE, 2);
    set_to(set, ITEMS, 0);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            int puts = i < 2;
            for (int k = 1; k <= 3; k++) {
                P(set, puts ? SLOTS_FREE : ITEMS);
                P(set, puts ? PUT : GET);
                if (puts)
                    all->ring[all->in++ % 2] = k;
                else
                    all->sum += all->ring[all->out++ % 2];
                V(set, puts ? PUT : GET);
                V(set, puts ? ITEMS : SLOTS_FREE);
            }
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status || all->sum != 12;
}
