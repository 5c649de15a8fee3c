/* Reads a timerfd. */
#include "case.h"

#include <stdint.h>
#include <sys/timerfd.h>

int main(void)
{
    struct itimerspec soon = {.it_value = {.tv_sec = 0, .tv_nsec = 200 * MILLISECOND}};
    uint64_t times;
    int timer = checked(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create");
    check(timerfd_settime(timer, 0, &soon, NULL), "timerfd_settime");
    check(read(timer, &times, sizeof times), "read");
    return 0;
}
