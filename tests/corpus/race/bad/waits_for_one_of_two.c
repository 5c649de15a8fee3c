/* Wrong: two children write, the parent waits for one of them only. */
#include "../u.h"

int main(void)
{
    int *slots = shared(2 * sizeof *slots);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            slots[i] = i + 1;
            _exit(0);
        }
    wait(NULL);
    int sum = slots[0] + slots[1];
    wait(NULL);
    return sum > 3;
}
