/* Right: looks at the semaphore's value until all have given. */
#include "../u.h"

int main(void)
{
    int *slots = shared(2 * sizeof *slots), set = semaphores(1, 0);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            slots[i] = i + 1;
            V(set, 0);
            _exit(0);
        }
    while (semctl(set, 0, GETVAL) < 2)
        usleep(200);
    int sum = slots[0] + slots[1];
    reap();
    remove_set(set);
    return sum != 3;
}
