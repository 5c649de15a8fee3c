/* Waits for a condition with a time-out. */
#include "case.h"

int main(void)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    struct timespec limit = after(200 * MILLISECOND);
    pthread_mutex_lock(&mutex);
    pthread_cond_timedwait(&changed, &mutex, &limit);
    return 0;
}
