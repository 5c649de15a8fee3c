/* Wrong: who has the unit keeps it when SETVAL makes another one. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), set = semaphores(2, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            P(set, 0);
            int seen = ++*data;
            V(set, 0);
            _exit(seen > 50);
        }
    set_to(set, 0, 1);
    int failed = reap();
    remove_set(set);
    return failed;
}
