/* Wrong: a semaphore for processes, but in memory of which each has a copy. */
#include "../u.h"

static sem_t lock;

int main(void)
{
    sem_init(&lock, 1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            sem_wait(&lock);
            sem_post(&lock);
            _exit(0);
        }
    return reap();
}
