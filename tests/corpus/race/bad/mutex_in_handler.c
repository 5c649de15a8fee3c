/* Wrong: the handler locks a mutex that the program may hold at that moment. */
#include "../u.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void handler(int number)
{
    (void)number;
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
}

int main(void)
{
    handle(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    return 0;
}
