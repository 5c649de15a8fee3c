/* Wrong: children made by clone(), and no lock. */
#include "../u.h"

static int *n;
static int child(void *a)
{
    (void)a;
    for (int k = 0; k < 20; k++)
        ++*n;
    return 0;
}
int main(void)
{
    n = shared(4096);
    static char stack[2][65536];
    for (int i = 0; i < 2; i++)
        if (clone(child, stack[i] + 65536, SIGCHLD, NULL) < 0)
            return 3;
    reap();
    return 0;
}
