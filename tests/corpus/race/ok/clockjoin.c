/* Right: pthread_clockjoin_np(). */
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
    struct timespec e;
    clock_gettime(CLOCK_MONOTONIC, &e);
    e.tv_sec += 20;
    if (pthread_clockjoin_np(t, NULL, CLOCK_MONOTONIC, &e))
        return 3;
    int r = *n != 3;
    *n = 4;
    return r;
}
