/* Live: timer_create() with SIGEV_THREAD, and sem_wait() for its function. */
#include "../../race/u.h"

static sem_t rung;

static void ring(union sigval unused)
{
    (void)unused;
    sem_post(&rung);
}

int main(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = ring};
    struct itimerspec when = {.it_value = {0, 300000000}};
    timer_t timer;
    sem_init(&rung, 0, 0);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &when, NULL);
    return sem_wait(&rung);
}
