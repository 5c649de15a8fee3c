/* Wrong: a thread may have the mutex when fork() copies it: the child's copy is locked for ever. */
#include "../u.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int count;

static void *work(void *argument)
{
    pthread_mutex_lock(&lock);
    count++;
    pthread_mutex_unlock(&lock);
    return argument;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    if (fork() == 0) {
        work(NULL);
        _exit(0);
    }
    int failed = reap();
    pthread_join(thread, NULL);
    return failed;
}
