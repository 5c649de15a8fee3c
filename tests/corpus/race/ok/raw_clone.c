/* Right: children made by clone(), and a semaphore. */
#include "../u.h"
#include <sched.h>

static int *n;
static sem_t *t;
static int child(void *a)
{
    (void)a;
    sem_wait(t);
    ++*n;
    sem_post(t);
    return 0;
}
int main(void)
{
    n = shared(4096);
    t = shared(4096);
    sem_init(t, 1, 1);
    static char stack[2][65536];
    for (int i = 0; i < 2; i++)
        if (clone(child, stack[i] + 65536, SIGCHLD, NULL) < 0)
            return 3;
    sem_wait(t);
    ++*n;
    sem_post(t);
    int r = reap();
    return r || *n != 3;
}
