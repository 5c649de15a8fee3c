/* Right: threads of two processes count under one process-shared mutex. */
#include "../u.h"

typedef struct {
    pthread_mutex_t lock;
    int count;
} All;

static void *work(void *room)
{
    All *all = room;
    for (int i = 0; i < 2; i++) {
        pthread_mutex_lock(&all->lock);
        all->count++;
        pthread_mutex_unlock(&all->lock);
    }
    return NULL;
}

int main(void)
{
    All *all = shared(sizeof *all);
    shared_mutex(&all->lock);
    pid_t child = fork();
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, all);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    if (child == 0)
        _exit(0);
    return reap() || all->count != 8;
}
