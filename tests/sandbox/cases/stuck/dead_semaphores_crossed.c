/* Each child takes one semaphore, then wants the one that the other has. */
#include "case.h"

static void philosopher(int set, int first, const struct meeting *meeting)
{
    change(set, first, -1);
    meet(meeting, first);
    change(set, 1 - first, -1);
    _exit(0);
}

int main(void)
{
    int set = make_set(2, 1);
    struct meeting meeting;
    meeting_make(&meeting);
    for (int first = 0; first < 2; first++)
        if (check(fork(), "fork") == 0)
            philosopher(set, first, &meeting);
    while (wait(NULL) > 0)
        ;
    return 0;
}
