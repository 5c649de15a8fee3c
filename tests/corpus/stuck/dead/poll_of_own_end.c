/* Dead: poll() on a pipe whose only writer it is itself. */
#include "../../race/u.h"

int main(void)
{
    int p[2];
    if (pipe(p))
        return 3;
    struct pollfd q = {p[0], POLLIN, 0};
    poll(&q, 1, -1);
    return 0;
}
