/* Dead: waits for zero at a semaphore that has one unit too many. */
#include "../../race/u.h"

int main(void)
{
    int set = semaphores(1, 3);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            P(set, 0);
            _exit(0);
        }
    change(set, 0, 0);
    return reap();
}
