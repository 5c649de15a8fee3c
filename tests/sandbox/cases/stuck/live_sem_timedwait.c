/* Waits for a semaphore with a time-out. */
#include "case.h"

int main(void)
{
    sem_t semaphore;
    struct timespec limit = after(200 * MILLISECOND);
    check(sem_init(&semaphore, 0, 0), "sem_init");
    sem_timedwait(&semaphore, &limit);
    return 0;
}
