/* Live: reads from a timerfd. */
#include "../../race/u.h"

int main(void)
{
    struct itimerspec when = {.it_value = {0, 300000000}};
    uint64_t times;
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(timer, 0, &when, NULL);
    return read(timer, &times, sizeof times) != sizeof times;
}
