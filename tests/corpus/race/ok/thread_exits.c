/* Right: a thread that ends with pthread_exit(), one that is cancelled, one that is detached. */
#include "../u.h"

static int *slots;
static sem_t done;

static void *exits(void *value)
{
    slots[0] = 1;
    pthread_exit(value);
}

static void *sleeps(void *unused)
{
    slots[1] = 1;
    for (;;)
        sleep(100);
    return unused;
}

static void *detached(void *unused)
{
    slots[2] = 1;
    sem_post(&done);
    return unused;
}

int main(void)
{
    pthread_t threads[3];
    void *value;
    slots = shared(3 * sizeof *slots);
    sem_init(&done, 0, 0);
    pthread_create(&threads[0], NULL, exits, slots);
    pthread_create(&threads[1], NULL, sleeps, NULL);
    pthread_create(&threads[2], NULL, detached, NULL);
    pthread_detach(threads[2]);
    pthread_join(threads[0], &value);
    pthread_cancel(threads[1]);
    int failed = value != slots;
    pthread_join(threads[1], &value);
    sem_wait(&done);
    return failed || value != PTHREAD_CANCELED || slots[0] + slots[2] != 2;
}
