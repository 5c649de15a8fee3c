/* Wrong: waiting for zero and raising are two calls. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int s = semaphores(1, 0);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 10; k++) {
                struct sembuf w = {0, 0, 0};
                semop(s, &w, 1);
                V(s, 0);
                ++*n;
                P(s, 0);
            }
            _exit(0);
        }
    reap();
    remove_set(s);
    return 0;
}
