/* Right: pthread_kill() of a thread that waits in sigwait(). */
#include "../u.h"

static int *data;

static void *work(void *unused)
{
    sigset_t only;
    int number;
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigwait(&only, &number);
    return *data == 42 ? unused : data;
}

int main(void)
{
    pthread_t thread;
    sigset_t only;
    void *failed;
    data = shared(sizeof *data);
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &only, NULL);
    pthread_create(&thread, NULL, work, NULL);
    *data = 42;
    pthread_kill(thread, SIGUSR1);
    pthread_join(thread, &failed);
    return failed != NULL;
}
