/* Wrong: a plain variable is no synchronisation, however long one looks at it. */
#include "../u.h"

int main(void)
{
    struct {
        int ready, data;
    } *all = shared(sizeof *all);
    if (fork() == 0) {
        all->data = 42;
        all->ready = 1;
        _exit(0);
    }
    while (!all->ready)
        usleep(100);
    int got = all->data;
    reap();
    return got != 42;
}
