/* Wrong: sem_init() with pshared 0 in memory that processes share. */
#include "../u.h"

int main(void)
{
    sem_t *lock = shared(sizeof *lock);
    sem_init(lock, 0, 1);
    if (fork() == 0) {
        sem_wait(lock);
        sem_post(lock);
        _exit(0);
    }
    return reap();
}
