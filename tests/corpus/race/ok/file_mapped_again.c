/* Right: a file that grows is mapped anew; the mutex in its first page guards the rest still. */
#include "../u.h"

typedef struct {
    pthread_mutex_t lock;
    int count;
} All;

int main(void)
{
    int file = scratch_file(), *other = shared(sizeof *other);
    ftruncate(file, 4096);
    All *small = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    shared_mutex(&small->lock);
    ftruncate(file, 8192);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            All *all = small;
            if (i == 0)
                all = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            pthread_mutex_lock(&all->lock);
            all->count++;
            ++*other;
            pthread_mutex_unlock(&all->lock);
            _exit(0);
        }
    return reap() || small->count != 2 || *other != 2;
}
