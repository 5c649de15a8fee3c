/* Right: the child returns from main(), and another one is killed by abort(). */
#include "../u.h"

int main(void)
{
    int *slots = shared(2 * sizeof *slots);
    if (fork() == 0) {
        slots[0] = 1;
        return 0;
    }
    if (fork() == 0) {
        slots[1] = 1;
        abort();
    }
    reap();
    return slots[0] + slots[1] != 2;
}
