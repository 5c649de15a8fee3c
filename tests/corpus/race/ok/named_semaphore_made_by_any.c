/* Right: whoever comes first makes the semaphore, all take it as a mutex. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            sem_t *lock = sem_open("/corpus_any", O_CREAT, 0600, 1);
            sem_wait(lock);
            ++*count;
            sem_post(lock);
            _exit(0);
        }
    int status = reap();
    sem_unlink("/corpus_any");
    return status || *count != 4;
}
