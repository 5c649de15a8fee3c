/* Wrong: check-then-act: three buy the last of two tickets, and each had looked before. */
#include "../u.h"

int main(void)
{
    int *left = shared(sizeof *left), set = semaphores(1, 1);
    *left = 2;
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            P(set, 0);
            int some = *left > 0;
            V(set, 0);
            if (some) {
                P(set, 0);
                --*left;
                V(set, 0);
            }
            _exit(0);
        }
    reap();
    remove_set(set);
    return *left < 0;
}
