/* A child ends while it holds a shared mutex. */
#include "case.h"

int main(void)
{
    pthread_mutex_t *mutex = shared(sizeof *mutex);
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(mutex, &kind);
    if (check(fork(), "fork") == 0) {
        pthread_mutex_lock(mutex);
        _exit(0);
    }
    check(wait(NULL), "wait");
    pthread_mutex_lock(mutex);
    return 0;
}
