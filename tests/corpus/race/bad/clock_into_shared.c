/* Wrong: the child puts the time into shared memory while the parent reads it. */
#include "../u.h"

int main(void)
{
    struct timespec *when = shared(sizeof *when);
    if (fork() == 0) {
        clock_gettime(CLOCK_REALTIME, when);
        _exit(0);
    }
    int failed = when->tv_nsec < 0;
    return reap() || failed;
}
