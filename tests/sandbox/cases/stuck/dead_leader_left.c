/* The first thread has left, the other waits for ever. */
#include "case.h"

static void *waiter(void *unused)
{
    pause();
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, waiter, NULL);
    pthread_exit(NULL);
}
