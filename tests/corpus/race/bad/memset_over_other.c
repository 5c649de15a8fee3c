/* Wrong: a child clears all slots, although it owns one. */
#include "../u.h"

int main(void)
{
    int *slots = shared(4 * sizeof *slots);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (i == 0)
                memset(slots, 0, 4 * sizeof *slots);
            slots[i] = i + 1;
            _exit(0);
        }
    return reap();
}
