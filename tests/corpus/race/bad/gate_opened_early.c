/* Wrong: SETVAL 0 opens the gate before what it guards is there. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), set = semaphores(1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            change(set, 0, 0);
            _exit(*data > 42);
        }
    set_to(set, 0, 0);
    *data = 42;
    int failed = reap();
    remove_set(set);
    return failed;
}
