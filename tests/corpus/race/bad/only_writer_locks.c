/* Wrong: the writer takes the lock, the reader does not. */
#include "../u.h"

int main(void)
{
    int *pair = segment(2 * sizeof *pair), set = semaphores(1, 1);
    if (fork() == 0) {
        P(set, 0);
        pair[0]++;
        pair[1]++;
        V(set, 0);
        _exit(0);
    }
    int sum = pair[0] + pair[1];
    reap();
    remove_set(set);
    return sum > 2;
}
