/* Right: who is cancelled in pthread_cond_wait() has the mutex in its cleanup handler. */
#include "../u.h"

static int *data;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void undo(void *unused)
{
    (void)unused;
    --*data;
    pthread_mutex_unlock(&mutex);
}

static void *run(void *unused)
{
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(undo, unused);
    ++*data;
    for (;;)
        pthread_cond_wait(&condition, &mutex);
    pthread_cleanup_pop(1);
    return NULL;
}

int main(void)
{
    data = shared(sizeof *data);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, run, NULL);
    for (int i = 0; i < 3; i++)
        pthread_cancel(threads[i]);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    return *data != 0;
}
