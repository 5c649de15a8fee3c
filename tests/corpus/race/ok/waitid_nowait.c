/* Right: waitid() has seen the end, though it leaves the zombie. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    pid_t p = fork();
    if (p == 0) {
        *n = 7;
        _exit(0);
    }
    siginfo_t i;
    waitid(P_PID, (id_t)p, &i, WEXITED | WNOWAIT);
    int v = *n;
    *n = 9;
    return reap() || v != 7;
}
