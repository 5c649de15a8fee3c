/* Wrong: the same with sem_t: two units where one was meant. */
#include "../u.h"

int main(void)
{
    struct {
        sem_t lock;
        int count;
    } *all = shared(sizeof *all);
    sem_init(&all->lock, 1, 2);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            sem_wait(&all->lock);
            all->count++;
            sem_post(&all->lock);
            _exit(0);
        }
    reap();
    return 0;
}
