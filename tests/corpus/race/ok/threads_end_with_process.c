/* Right: a thread that nobody joins has ended when its process has been waited for. */
#include "../u.h"

static int *count;
static sem_t done;

static void *run(void *x)
{
    ++*count;
    sem_post(&done);
    ++*count;
    return x;
}

int main(void)
{
    count = shared(sizeof *count);
    if (fork() == 0) {
        pthread_t thread;
        sem_init(&done, 0, 0);
        pthread_create(&thread, NULL, run, NULL);
        while (sem_wait(&done) == -1)
            ;
        usleep(1000);
        _exit(0);
    }
    int failed = reap();
    return failed || *count < 1;
}
