/* Dead: the child ends with the semaphore, which nobody gives back. */
#include "../../race/u.h"

int main(void)
{
    int set = semaphores(1, 1);
    if (fork() == 0) {
        P(set, 0);
        _exit(0);
    }
    wait(NULL);
    P(set, 0);
    return 0;
}
