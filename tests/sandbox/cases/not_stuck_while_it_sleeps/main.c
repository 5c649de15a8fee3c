/* Sleeps, then exits. */
#include <time.h>

int main(void)
{
    struct timespec pause = {.tv_sec = 0, .tv_nsec = 400000000};

    return nanosleep(&pause, NULL) == -1;
}
