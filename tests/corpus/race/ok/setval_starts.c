/* Right: SETVAL lets go who waits at a semaphore that was 0 before anybody was born. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), set = semaphores(2, 0);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            P(set, 0);
            int seen = *data;
            V(set, 0);
            _exit(seen != 42);
        }
    *data = 42;
    set_to(set, 0, 1);
    int failed = reap();
    remove_set(set);
    return failed;
}
