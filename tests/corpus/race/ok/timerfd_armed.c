/* Right: the child waits for a timer that the parent starts when the value is set. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    if (fork() == 0) {
        uint64_t times;
        _exit(read(timer, &times, sizeof times) != sizeof times || *value != 7);
    }
    *value = 7;
    struct itimerspec soon = {.it_value = {0, 1000000}};
    if (timerfd_settime(timer, 0, &soon, NULL) == -1)
        return 4;
    return reap();
}
