/* Wrong: the semaphore that is to be a mutex begins with 2, so that both come in. */
#include "../u.h"

int main(void)
{
    int *count = segment(sizeof *count), set = semaphores(1, 2);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            P(set, 0);
            ++*count;
            V(set, 0);
            _exit(0);
        }
    reap();
    remove_set(set);
    return 0;
}
