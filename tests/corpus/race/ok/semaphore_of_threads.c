/* Right: a semaphore in private memory, if only threads use it, whatever its second argument. */
#include "../u.h"

static sem_t filled;
static int *data;

static void *work(void *unused)
{
    *data = 42;
    sem_post(&filled);
    return unused;
}

int main(void)
{
    pthread_t thread;
    data = shared(sizeof *data);
    sem_init(&filled, 1, 0);
    pthread_create(&thread, NULL, work, NULL);
    sem_wait(&filled);
    int got = *data;
    pthread_join(thread, NULL);
    return got != 42;
}
