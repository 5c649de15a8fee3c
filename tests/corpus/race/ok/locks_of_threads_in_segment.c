/* Right: mutex and semaphore lie in the segment, but only threads of one process use them. */
#include "../u.h"
typedef struct {
    pthread_mutex_t lock;
    sem_t ready;
    int count, result;
} Job;
static Job *job;
static void *work(void *unused)
{
    for (int i = 0; i < 5; i++) {
        pthread_mutex_lock(&job->lock);
        job->count++;
        pthread_mutex_unlock(&job->lock);
    }
    sem_post(&job->ready);
    return NULL;
}
int main(void)
{
    job = shared(sizeof *job);
    if (fork() == 0) {
        pthread_t threads[2];
        pthread_mutex_init(&job->lock, NULL);
        sem_init(&job->ready, 0, 0);
        for (int i = 0; i < 2; i++)
            pthread_create(&threads[i], NULL, work, NULL);
        sem_wait(&job->ready);
        sem_wait(&job->ready);
        job->result = job->count;
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        pthread_mutex_destroy(&job->lock);
        sem_destroy(&job->ready);
        _exit(0);
    }
    return reap() || job->result != 10;
}
