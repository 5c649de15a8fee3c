/* Wrong: a condition of semaphores, whose waiter counts itself when it has let go of the lock. */
#include "../u.h"

typedef struct {
    sem_t lock, queue;
    atomic_int waiting;
    int items;
} All;

int main(void)
{
    All *all = shared(sizeof *all);
    sem_init(&all->lock, 1, 1);
    sem_init(&all->queue, 1, 0);
    if (fork() == 0) {
        sem_wait(&all->lock);
        while (all->items == 0) {
            sem_post(&all->lock);
            atomic_fetch_add(&all->waiting, 1);
            sem_wait(&all->queue);
            sem_wait(&all->lock);
        }
        all->items--;
        sem_post(&all->lock);
        _exit(0);
    }
    sem_wait(&all->lock);
    all->items++;
    if (atomic_load(&all->waiting) > 0) {
        atomic_fetch_sub(&all->waiting, 1);
        sem_post(&all->queue);
    }
    sem_post(&all->lock);
    return reap();
}
