/* Live: it computes until a virtual timer ends it. */
#include "../../race/u.h"

static void h(int s)
{
    (void)s;
    _exit(0);
}
int main(void)
{
    handle(SIGVTALRM, h);
    struct itimerval v = {{0, 0}, {0, 100000}};
    setitimer(ITIMER_VIRTUAL, &v, NULL);
    for (volatile long i = 0;; i++)
        ;
}
