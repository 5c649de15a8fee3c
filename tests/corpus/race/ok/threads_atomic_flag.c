/* Right: threads of one process, ordered by an atomic flag of their own, in shared memory. */
#include "../u.h"

static atomic_int ready;
static int *data;

static void *work(void *unused)
{
    *data = 42;
    atomic_store(&ready, 1);
    return unused;
}

int main(void)
{
    pthread_t thread;
    data = shared(sizeof *data);
    pthread_create(&thread, NULL, work, NULL);
    while (!atomic_load(&ready))
        sched_yield();
    int got = *data;
    pthread_join(thread, NULL);
    return got != 42;
}
