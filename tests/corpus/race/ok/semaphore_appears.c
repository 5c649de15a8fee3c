/* Right: the client tries until the semaphore is there; its maker has written before it made it. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    sem_t *made;
    if (fork() == 0) {
        *data = 42;
        _exit(sem_open("/corpus_appears", O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED);
    }
    while ((made = sem_open("/corpus_appears", 0)) == SEM_FAILED)
        usleep(200);
    int got = *data;
    sem_close(made);
    sem_unlink("/corpus_appears");
    return got != 42 || reap();
}
