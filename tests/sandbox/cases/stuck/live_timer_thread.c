/* A POSIX timer starts a thread, which posts what main waits for. */
#include "case.h"

static sem_t rang;

static void ring(union sigval unused)
{
    (void)unused;
    sem_post(&rang);
}

int main(void)
{
    struct itimerspec soon = {.it_value = {.tv_sec = 0, .tv_nsec = 200 * MILLISECOND}};
    struct sigevent how = {.sigev_notify = SIGEV_THREAD};
    timer_t timer;
    how.sigev_notify_function = ring;
    check(sem_init(&rang, 0, 0), "sem_init");
    check(timer_create(CLOCK_MONOTONIC, &how, &timer), "timer_create");
    check(timer_settime(timer, 0, &soon, NULL), "timer_settime");
    while (sem_wait(&rang) == -1)
        ;
    return 0;
}
