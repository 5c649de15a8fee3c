/* Wrong: after fork() each process has a mutex of its own. */
#include "../u.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
    int *count = shared(sizeof *count);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            pthread_mutex_lock(&lock);
            ++*count;
            pthread_mutex_unlock(&lock);
            _exit(0);
        }
    reap();
    return 0;
}
