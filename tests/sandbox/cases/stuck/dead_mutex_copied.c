/* The child's copy of a mutex that was locked at fork(): the parent unlocks its own. */
#include "case.h"

int main(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    if (fork() == 0) {
        pthread_mutex_lock(&mutex);
        return 0;
    }
    pthread_mutex_unlock(&mutex);
    return wait(NULL) == -1;
}
