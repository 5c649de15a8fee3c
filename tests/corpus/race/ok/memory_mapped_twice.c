/* Right: one object at two addresses, under one mutex that lies in it. */
#include "../u.h"

typedef struct {
    pthread_mutex_t lock;
    int count;
} All;

int main(void)
{
    int memory = memfd_create("corpus", 0);
    ftruncate(memory, 4096);
    All *one = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    All *other = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    shared_mutex(&one->lock);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            All *all = i == 0 ? one : other;
            pthread_mutex_lock(&all->lock);
            all->count++;
            pthread_mutex_unlock(&all->lock);
            _exit(0);
        }
    return reap() || one->count != 2;
}
