/* Live: select() with a limit on a pipe that nobody writes to. */
#include "../../race/u.h"

int main(void)
{
    struct timeval limit = {0, 300000};
    fd_set reading;
    int ends[2];
    pipe(ends);
    FD_ZERO(&reading);
    FD_SET(ends[0], &reading);
    return select(ends[0] + 1, &reading, NULL, NULL, &limit) != 0;
}
