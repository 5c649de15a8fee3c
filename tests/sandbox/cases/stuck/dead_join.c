/* Joins a thread that waits for what nobody gives. */
#include "case.h"

static void *waiter(void *semaphore)
{
    sem_wait(semaphore);
    return NULL;
}

int main(void)
{
    sem_t semaphore;
    pthread_t thread;
    check(sem_init(&semaphore, 0, 0), "sem_init");
    pthread_create(&thread, NULL, waiter, &semaphore);
    pthread_join(thread, NULL);
    return 0;
}
