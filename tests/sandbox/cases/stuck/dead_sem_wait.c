/* Waits for a semaphore in shared memory that nobody posts. */
#include "case.h"

int main(void)
{
    sem_t *semaphore = shared(sizeof *semaphore);
    check(sem_init(semaphore, 1, 0), "sem_init");
    check(sem_wait(semaphore), "sem_wait");
    return 0;
}
