/* Live: one computes, two others wait for it at the end of a chain. */
#include "../../race/u.h"

int main(void)
{
    int set = semaphores(2, 0);
    if (fork() == 0) {
        for (volatile int i = 0; i < 100000000; i++)
            ;
        V(set, 0);
        _exit(0);
    }
    if (fork() == 0) {
        P(set, 0);
        V(set, 1);
        _exit(0);
    }
    P(set, 1);
    int status = reap();
    remove_set(set);
    return status;
}
