/* Wrong: each clears its slots, and the first one of its neighbour. */
#include "../u.h"

int main(void)
{
    int *slots = shared(64 * sizeof *slots);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 8 * i; k <= 8 * i + 8; k++)
                slots[k] = i;
            _exit(0);
        }
    return reap();
}
