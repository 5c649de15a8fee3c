/* Right: that a tick is lost between the test and pause() does no harm, for the next one comes. */
#include "../u.h"

static volatile sig_atomic_t ticks;

static void handler(int number)
{
    (void)number;
    ticks++;
}

int main(void)
{
    struct itimerval every = {{0, 5000}, {0, 5000}};
    handle(SIGALRM, handler);
    setitimer(ITIMER_REAL, &every, NULL);
    while (ticks < 4)
        pause();
    return 0;
}
