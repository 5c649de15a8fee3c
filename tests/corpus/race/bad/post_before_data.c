/* Wrong: sem_post() first, the data afterwards. */
#include "../u.h"

int main(void)
{
    struct {
        sem_t filled;
        int data;
    } *all = shared(sizeof *all);
    sem_init(&all->filled, 1, 0);
    if (fork() == 0) {
        sem_post(&all->filled);
        all->data = 42;
        _exit(0);
    }
    sem_wait(&all->filled);
    int got = all->data;
    reap();
    return got != 0 && got != 42;
}
