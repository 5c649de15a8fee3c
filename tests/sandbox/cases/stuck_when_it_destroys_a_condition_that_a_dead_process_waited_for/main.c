/* Its child is killed while it waits on the condition variable. */
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int waiting;
};

int main(void)
{
    pthread_mutexattr_t shared_mutex;
    pthread_condattr_t shared_condition;
    struct shared *all =
        mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (all == MAP_FAILED)
        err(EXIT_FAILURE, "mmap");
    pthread_mutexattr_init(&shared_mutex);
    pthread_mutexattr_setpshared(&shared_mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&all->mutex, &shared_mutex);
    pthread_condattr_init(&shared_condition);
    pthread_condattr_setpshared(&shared_condition, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&all->changed, &shared_condition);

    pid_t child = fork();
    if (child == -1)
        err(EXIT_FAILURE, "fork");
    if (child == 0) {
        pthread_mutex_lock(&all->mutex);
        all->waiting = 1;
        for (;;)
            pthread_cond_wait(&all->changed, &all->mutex);
    }
    for (int waiting = 0; !waiting;) {
        pthread_mutex_lock(&all->mutex);
        waiting = all->waiting;
        pthread_mutex_unlock(&all->mutex);
    }
    kill(child, SIGKILL);
    if (waitpid(child, NULL, 0) == -1)
        err(EXIT_FAILURE, "waitpid");
    pthread_cond_destroy(&all->changed);
    return 0;
}
