/* Right: two producers and two consumers, with sem_t for slots, items and the index. */
#include "../u.h"

typedef struct {
    sem_t slots, items, lock;
    int ring[2], in, out, sum;
} All;

static void produce(All *all, int item)
{
    sem_wait(&all->slots);
    sem_wait(&all->lock);
    all->ring[all->in++ % 2] = item;
    sem_post(&all->lock);
    sem_post(&all->items);
}

static void consume(All *all)
{
    sem_wait(&all->items);
    sem_wait(&all->lock);
    all->sum += all->ring[all->out++ % 2];
    sem_post(&all->lock);
    sem_post(&all->slots);
}

int main(void)
{
    All *all = shared(sizeof *all);
    sem_init(&all->slots, 1, 2);
    sem_init(&all->items, 1, 0);
    sem_init(&all->lock, 1, 1);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            for (int k = 1; k <= 3; k++) {
                if (i % 2 == 0)
                    produce(all, k);
                else
                    consume(all);
            }
            _exit(0);
        }
    return reap() || all->sum != 12;
}
