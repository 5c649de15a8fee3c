/* Live: gives up after a third of a second. */
#include "../../race/u.h"

int main(void)
{
    sem_t *never = shared(sizeof *never);
    struct timespec limit;
    sem_init(never, 1, 0);
    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_nsec += 300000000;
    limit.tv_sec += limit.tv_nsec / 1000000000;
    limit.tv_nsec %= 1000000000;
    return sem_clockwait(never, CLOCK_MONOTONIC, &limit) == 0;
}
