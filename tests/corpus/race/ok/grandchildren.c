/* Right: each waits for its own; what a grandchild did is known when its parent has ended. */
#include "../u.h"

int main(void)
{
    int *slots = shared(4 * sizeof *slots);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 2; k++)
                if (fork() == 0) {
                    slots[2 * i + k] = 1;
                    _exit(0);
                }
            _exit(reap());
        }
    return reap() || slots[0] + slots[1] + slots[2] + slots[3] != 4;
}
