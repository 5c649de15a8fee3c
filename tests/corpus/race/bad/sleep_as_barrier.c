/* Wrong: sleeps where a barrier should be. */
#include "../u.h"

int main(void)
{
    int *slots = shared(2 * sizeof *slots);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            slots[i] = i + 1;
            usleep(20000);
            _exit(slots[1 - i] != 2 - i);
        }
    reap();
    return 0;
}
