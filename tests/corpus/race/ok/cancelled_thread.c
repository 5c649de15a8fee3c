/* Right: a cancelled thread unlocks in its cleanup handler. */
#include "../u.h"

static int *n;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static void undo(void *a)
{
    (void)a;
    pthread_mutex_unlock(&m);
}
static void *run(void *a)
{
    (void)a;
    pthread_mutex_lock(&m);
    pthread_cleanup_push(undo, NULL);
    ++*n;
    for (;;)
        pause();
    pthread_cleanup_pop(1);
    return NULL;
}
int main(void)
{
    n = shared(4096);
    pthread_t t;
    if (pthread_create(&t, NULL, run, NULL))
        return 3;
    pthread_cancel(t);
    pthread_join(t, NULL);
    pthread_mutex_lock(&m);
    ++*n;
    pthread_mutex_unlock(&m);
    return 0;
}
