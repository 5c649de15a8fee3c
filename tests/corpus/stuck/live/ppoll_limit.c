/* Live: ppoll() with a limit. */
#include "../../race/u.h"

int main(void)
{
    int p[2];
    if (pipe(p))
        return 3;
    struct pollfd q = {p[0], POLLIN, 0};
    struct timespec t = {0, 300000000};
    ppoll(&q, 1, &t, NULL);
    return 0;
}
