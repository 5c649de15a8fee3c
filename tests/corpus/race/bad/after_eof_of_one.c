/* Wrong: the end of one child's pipe says nothing of the other child. */
#include "../u.h"

int main(void)
{
    int *slots = shared(2 * sizeof *slots), ends[2];
    char byte;
    if (fork() == 0) {
        slots[0] = 1;
        _exit(0);
    }
    pipe(ends);
    if (fork() == 0) {
        slots[1] = 1;
        write(ends[1], "x", 1);
        _exit(0);
    }
    close(ends[1]);
    read(ends[0], &byte, 1);
    int sum = slots[0] + slots[1];
    reap();
    return sum > 2;
}
