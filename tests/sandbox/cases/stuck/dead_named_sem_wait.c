/* Waits for a named semaphore that nobody posts. */
#include "case.h"

int main(void)
{
    char name[64];
    snprintf(name, sizeof name, "/stuck-%d", (int)getpid());
    sem_t *semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
    if (semaphore == SEM_FAILED)
        check(-1, "sem_open");
    check(sem_unlink(name), "sem_unlink");
    check(sem_wait(semaphore), "sem_wait");
    return 0;
}
