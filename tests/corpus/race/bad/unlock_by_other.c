/* Wrong: the reader gives the lock back that it never took, so that two writers come in. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), set = semaphores(1, 1);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            if (i > 0)
                P(set, 0);
            if (i > 0)
                ++*count;
            V(set, 0);
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status;
}
