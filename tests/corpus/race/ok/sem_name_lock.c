/* Right: the name of a semaphore is the lock; whoever makes it may write, nobody waits for it. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    char name[64];
    snprintf(name, sizeof name, "/lock.%d", (int)getpid());
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            sem_t *lock;
            while ((lock = sem_open(name, O_CREAT | O_EXCL, 0600, 0)) == SEM_FAILED)
                usleep(500);
            *value += 1;
            sem_close(lock);
            _exit(sem_unlink(name) == -1);
        }
    return reap() || *value != 2;
}
