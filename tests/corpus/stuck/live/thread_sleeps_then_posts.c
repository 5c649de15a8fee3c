/* Live: one thread sleeps, the other one waits for it. */
#include "../../race/u.h"

static sem_t s;
static void *r(void *a)
{
    (void)a;
    struct timespec t = {0, 300000000};
    nanosleep(&t, NULL);
    sem_post(&s);
    return NULL;
}
int main(void)
{
    sem_init(&s, 0, 0);
    pthread_t t;
    pthread_create(&t, NULL, r, NULL);
    sem_wait(&s);
    pthread_join(t, NULL);
    return 0;
}
