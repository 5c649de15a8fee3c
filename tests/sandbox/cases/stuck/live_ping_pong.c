/* Two processes hand a byte to and fro: at each moment nearly all are blocked. */
#include "case.h"

int main(void)
{
    struct meeting meeting;
    meeting_make(&meeting);
    int child = check(fork(), "fork") == 0;
    for (int i = 0; i < 20000; i++)
        meet(&meeting, child);
    return 0;
}
