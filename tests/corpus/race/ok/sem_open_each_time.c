/* Right: each critical section opens its named semaphore, and closes it; there are two. */
#include "../u.h"
static char names[2][40];
static void add(int *counter, int *sum)
{
    sem_t *first = sem_open(names[0], 0), *second = sem_open(names[1], 0);
    sem_wait(first);
    ++*counter;
    sem_post(first);
    sem_wait(second);
    *sum += 2;
    sem_post(second);
    sem_close(first);
    sem_close(second);
}
int main(void)
{
    int *data = shared(8192);
    for (int i = 0; i < 2; i++) {
        snprintf(names[i], sizeof names[i], "/each_%d_%d", i, getpid());
        sem_close(sem_open(names[i], O_CREAT | O_EXCL, 0600, 1));
    }
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int n = 0; n < 50; n++)
                add(&data[0], &data[1024]);
            _exit(0);
        }
    int failed = reap();
    sem_unlink(names[0]);
    sem_unlink(names[1]);
    return failed || data[0] != 100 || data[1024] != 200;
}
