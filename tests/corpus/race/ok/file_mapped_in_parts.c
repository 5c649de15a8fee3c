/* Right: one file in two lengths, and by a page of its own; the lock lies in it, too. */
#include "../u.h"

typedef struct {
    pthread_mutex_t mutex;
    int count;
} All;

static void add(All *all, int *far)
{
    pthread_mutex_lock(&all->mutex);
    all->count++;
    ++*far;
    pthread_mutex_unlock(&all->mutex);
}

int main(void)
{
    int file = scratch_file();
    if (ftruncate(file, 4096))
        return 3;
    All *some = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    shared_mutex(&some->mutex);
    if (ftruncate(file, 12288))
        return 3;
    if (fork() == 0) {
        char *all = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        add((All *)all, (int *)(all + 8192));
        _exit(0);
    }
    if (fork() == 0) {
        char *all = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        int *far = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 8192);
        add((All *)all, far);
        _exit(0);
    }
    int *far = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 8192);
    add(some, far);
    return reap() || some->count != 3 || *far != 3;
}
