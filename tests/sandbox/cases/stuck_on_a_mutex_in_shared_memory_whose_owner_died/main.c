/* The child dies with the mutex locked; the mutex is not robust. */
#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pthread_mutexattr_t shared;
    pthread_mutex_t *mutex =
        mmap(NULL, sizeof *mutex, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (mutex == MAP_FAILED)
        err(EXIT_FAILURE, "mmap");
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(mutex, &shared);

    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        pthread_mutex_lock(mutex);
        _exit(0);
    default:
        break;
    }
    if (wait(NULL) == -1)
        err(EXIT_FAILURE, "wait");
    pthread_mutex_lock(mutex);
    return 0;
}
