/* Two threads lock two mutexes in opposite order. */
#include "case.h"

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static struct meeting meeting;

static void *other(void *unused)
{
    pthread_mutex_lock(&second);
    meet(&meeting, 0);
    pthread_mutex_lock(&first);
    return unused;
}

int main(void)
{
    pthread_t thread;
    meeting_make(&meeting);
    pthread_create(&thread, NULL, other, NULL);
    pthread_mutex_lock(&first);
    meet(&meeting, 1);
    pthread_mutex_lock(&second);
    pthread_join(thread, NULL);
    return 0;
}
