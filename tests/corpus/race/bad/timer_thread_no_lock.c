/* Wrong: the function that SIGEV_THREAD starts counts without a lock. */
#include "../u.h"

static int *count;
static sem_t done;

static void tick(union sigval value)
{
    (void)value;
    ++*count;
    sem_post(&done);
}

int main(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = tick};
    struct itimerspec when = {.it_value = {0, 1000000}};
    timer_t timer;
    count = shared(sizeof *count);
    sem_init(&done, 0, 0);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &when, NULL);
    ++*count;
    while (sem_wait(&done) == -1)
        ;
    timer_delete(timer);
    return 0;
}
