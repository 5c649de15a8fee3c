/* Right: daemon(), which forks within the C library; the parent of it has left at once. */
#include "../u.h"

int main(void)
{
    struct {
        sem_t done;
        int data;
    } *all = shared(sizeof *all);
    sem_init(&all->done, 1, 0);
    if (fork() == 0) {
        if (daemon(0, 0) == -1)
            _exit(1);
        all->data = 42;
        sem_post(&all->done);
        _exit(0);
    }
    int failed = reap();
    sem_wait(&all->done);
    return failed || all->data != 42;
}
