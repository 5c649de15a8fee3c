/* Wrong: each takes another semaphore of the set. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int s = semaphores(2, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 20; k++) {
                P(s, i);
                ++*n;
                V(s, i);
            }
            _exit(0);
        }
    reap();
    remove_set(s);
    return 0;
}
