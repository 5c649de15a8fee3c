/* Wrong: the first test of `made` is made without the lock. */
#include "../u.h"

typedef struct {
    int made, value;
} All;

static int value_of(All *all, int set)
{
    if (!all->made) {
        P(set, 0);
        if (!all->made) {
            all->value = 42;
            all->made = 1;
        }
        V(set, 0);
    }
    return all->value;
}

int main(void)
{
    All *all = shared(sizeof *all);
    int set = semaphores(1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0)
            _exit(value_of(all, set) != 42);
    int status = reap();
    remove_set(set);
    return status;
}
