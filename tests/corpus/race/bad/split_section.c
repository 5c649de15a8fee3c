/* Wrong: reads in one critical section and writes in another: the total may be short. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), set = semaphores(1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            P(set, 0);
            int value = *count;
            V(set, 0);
            P(set, 0);
            *count = value + 1;
            V(set, 0);
            _exit(0);
        }
    reap();
    remove_set(set);
    return *count != 2;
}
