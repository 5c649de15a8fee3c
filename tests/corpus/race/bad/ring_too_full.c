/* Wrong: the semaphore of free slots begins with one more than the ring has. */
#include "../u.h"

typedef struct {
    int ring[2];
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    int set = semaphores(2, 0), sum = 0;
    set_to(set, 0, 3);
    if (fork() == 0) {
        for (int i = 0; i < 6; i++) {
            P(set, 0);
            all->ring[i % 2] = i;
            V(set, 1);
        }
        _exit(0);
    }
    for (int i = 0; i < 6; i++) {
        P(set, 1);
        sum += all->ring[i % 2];
        V(set, 0);
    }
    reap();
    remove_set(set);
    return sum < 0;
}
