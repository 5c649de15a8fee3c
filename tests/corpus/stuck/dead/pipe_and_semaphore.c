/* Dead: the parent waits for a byte, the child for the semaphore that the parent holds. */
#include "../../race/u.h"

int main(void)
{
    int ends[2], set = semaphores(1, 1);
    char byte;
    pipe(ends);
    P(set, 0);
    if (fork() == 0) {
        P(set, 0);
        write(ends[1], "x", 1);
        _exit(0);
    }
    read(ends[0], &byte, 1);
    V(set, 0);
    return reap();
}
