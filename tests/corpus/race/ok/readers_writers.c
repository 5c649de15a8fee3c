/* Right: the first reader locks the writers out, the last one lets them in. */
#include "../u.h"

typedef struct {
    int readers, data, other;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    int set = semaphores(2, 1);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            int differ = 0;
            if (i % 2 == 0) {
                P(set, 1);
                all->data++;
                all->other++;
                V(set, 1);
            } else {
                P(set, 0);
                if (++all->readers == 1)
                    P(set, 1);
                V(set, 0);
                differ = all->data != all->other;
                P(set, 0);
                if (--all->readers == 0)
                    V(set, 1);
                V(set, 0);
            }
            _exit(differ);
        }
    int status = reap();
    remove_set(set);
    return status || all->data != 2;
}
