/* Dead: reads to the end of a pipe whose write end it has open itself. */
#include "../../race/u.h"

int main(void)
{
    int ends[2];
    char byte;
    pipe(ends);
    if (fork() == 0) {
        write(ends[1], "x", 1);
        _exit(0);
    }
    while (read(ends[0], &byte, 1) > 0)
        ;
    return reap();
}
