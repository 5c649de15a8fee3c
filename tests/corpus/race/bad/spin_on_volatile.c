/* Wrong: nor is a volatile one. */
#include "../u.h"

int main(void)
{
    struct {
        volatile int ready;
        int data;
    } *all = shared(sizeof *all);
    if (fork() == 0) {
        all->data = 42;
        all->ready = 1;
        _exit(0);
    }
    while (!all->ready)
        sched_yield();
    int got = all->data;
    reap();
    return got != 42;
}
