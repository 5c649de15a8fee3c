/* Right: pthread_tryjoin_np() until it has ended. */
#include "../u.h"

static int *n;
static void *run(void *a)
{
    (void)a;
    *n = 3;
    return NULL;
}
int main(void)
{
    n = shared(4096);
    pthread_t t;
    pthread_create(&t, NULL, run, NULL);
    while (pthread_tryjoin_np(t, NULL))
        sched_yield();
    int r = *n != 3;
    *n = 4;
    return r;
}
