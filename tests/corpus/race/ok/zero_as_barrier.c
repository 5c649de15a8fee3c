/* Right: each takes one, then waits for zero: all have written before anybody reads. */
#include "../u.h"

int main(void)
{
    int *slots = shared(3 * sizeof *slots), set = semaphores(1, 3);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            slots[i] = i + 1;
            P(set, 0);
            change(set, 0, 0);
            _exit(slots[0] + slots[1] + slots[2] != 6);
        }
    int status = reap();
    remove_set(set);
    return status;
}
