/* Right: the function that SIGEV_THREAD starts locks what it counts in, and what was there before
 * needs none. */
#include "../u.h"

static int *count;
static sem_t done;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void tick(union sigval value)
{
    pthread_mutex_lock(&lock);
    *count += value.sival_int;
    pthread_mutex_unlock(&lock);
    sem_post(&done);
}

int main(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD,
                             .sigev_notify_function = tick,
                             .sigev_value = {.sival_int = 2}};
    struct itimerspec when = {.it_value = {0, 1000000}, .it_interval = {0, 2000000}};
    timer_t timer;
    count = shared(sizeof *count);
    sem_init(&done, 0, 0);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    *count = 4;
    timer_settime(timer, 0, &when, NULL);
    for (int i = 0; i < 3; i++) {
        pthread_mutex_lock(&lock);
        ++*count;
        pthread_mutex_unlock(&lock);
        while (sem_wait(&done) == -1)
            ;
    }
    timer_delete(timer);
    pthread_mutex_lock(&lock);
    int sum = *count;
    pthread_mutex_unlock(&lock);
    return sum < 13;
}
