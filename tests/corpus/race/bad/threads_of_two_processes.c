/* Wrong: a mutex guards the threads of one process, but there are two processes. */
#include "../u.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *count)
{
    pthread_mutex_lock(&lock);
    ++*(int *)count;
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    int *count = shared(sizeof *count);
    pid_t child = fork();
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, count);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    if (child == 0)
        _exit(0);
    return reap();
}
