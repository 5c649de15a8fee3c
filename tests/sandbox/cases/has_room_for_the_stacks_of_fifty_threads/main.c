/* Fifty threads with the stacks that they get if nobody says otherwise. */
#include <pthread.h>
#include <stddef.h>

static pthread_barrier_t all;

static void *meet(void *unused)
{
    pthread_barrier_wait(&all);
    return unused;
}

int main(void)
{
    enum { THREADS = 50 };
    pthread_t threads[THREADS];

    pthread_barrier_init(&all, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, meet, NULL) != 0)
            return 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
