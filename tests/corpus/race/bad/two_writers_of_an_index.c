/* Wrong: two producers share the ring's index; the semaphores count slots, but guard nothing. */
#include "../u.h"

typedef struct {
    int ring[4], in;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    int set = semaphores(2, 0);
    set_to(set, 0, 4);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            P(set, 0);
            all->ring[all->in] = i;
            all->in = (all->in + 1) % 4;
            V(set, 1);
            _exit(0);
        }
    P(set, 1);
    P(set, 1);
    reap();
    remove_set(set);
    return 0;
}
