/* Right: a cleanup handler comes after pthread_cancel(). */
#include "../u.h"

static int *data;

static void undo(void *seen)
{
    *(int *)seen = *data;
}

static void *run(void *seen)
{
    pthread_cleanup_push(undo, seen);
    for (;;)
        pause();
    pthread_cleanup_pop(1);
    return NULL;
}

int main(void)
{
    data = shared(sizeof *data);
    int seen = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, run, &seen);
    *data = 42;
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    return seen != 42;
}
