/* Wrong: the child of vfork() counts in shared memory, and so does a child of fork(), without a
 * lock. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count);
    if (fork() == 0) {
        ++*count;
        _exit(0);
    }
    if (vfork() == 0) {
        ++*count;
        _exit(0);
    }
    return reap();
}
