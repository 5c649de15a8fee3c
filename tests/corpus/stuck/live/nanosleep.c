/* Live: three that sleep in turn, each waiting for the one before. */
#include "../../race/u.h"

int main(void)
{
    struct timespec time = {0, 100000000};
    int set = semaphores(3, 0);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            if (i > 0)
                P(set, i - 1);
            nanosleep(&time, NULL);
            V(set, i);
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status;
}
