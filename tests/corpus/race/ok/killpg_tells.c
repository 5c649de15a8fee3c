/* Right: a signal sent to the group. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    sigset_t m;
    sigemptyset(&m);
    sigaddset(&m, SIGUSR1);
    sigprocmask(SIG_BLOCK, &m, NULL);
    setpgid(0, 0);
    if (fork() == 0) {
        *n = 3;
        killpg(0, SIGUSR1);
        _exit(0);
    }
    int s;
    sigwait(&m, &s);
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
