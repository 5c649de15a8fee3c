/* Wrong: each reads the counter before it takes the lock, so an update may be lost. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), set = semaphores(1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int value = *count;
            P(set, 0);
            *count = value + 1;
            V(set, 0);
            _exit(0);
        }
    reap();
    remove_set(set);
    return 0;
}
