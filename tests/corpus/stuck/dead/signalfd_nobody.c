/* Dead: read() of a signalfd, and nobody sends. */
#include "../../race/u.h"

int main(void)
{
    sigset_t m;
    sigemptyset(&m);
    sigaddset(&m, SIGUSR1);
    sigprocmask(SIG_BLOCK, &m, NULL);
    int f = signalfd(-1, &m, 0);
    struct signalfd_siginfo i;
    if (read(f, &i, sizeof i) < 0)
        return 3;
    return 0;
}
