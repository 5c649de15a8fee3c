/* Right: a detached thread tells by a semaphore that it is done. */
#include "../u.h"

static int *n;
static sem_t done;
static void *run(void *a)
{
    (void)a;
    *n = 4;
    sem_post(&done);
    return NULL;
}
int main(void)
{
    n = shared(4096);
    sem_init(&done, 0, 0);
    pthread_attr_t a;
    pthread_attr_init(&a);
    pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
    pthread_t t;
    if (pthread_create(&t, &a, run, NULL))
        return 3;
    sem_wait(&done);
    int r = *n != 4;
    *n = 1;
    return r;
}
