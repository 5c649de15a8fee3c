/* Wrong: readers and writers whose readers count themselves without a lock. */
#include "../u.h"

typedef struct {
    int readers, data;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    int set = semaphores(1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (++all->readers == 1)
                P(set, 0);
            int seen = all->data;
            if (--all->readers == 0)
                V(set, 0);
            _exit(seen != 0);
        }
    int status = reap();
    remove_set(set);
    return status;
}
