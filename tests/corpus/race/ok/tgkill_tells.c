/* Right: a signal sent to one thread. */
#include "../u.h"
#include <sys/syscall.h>

int main(void)
{
    int *n = shared(4096);
    sigset_t m;
    sigemptyset(&m);
    sigaddset(&m, SIGUSR1);
    sigprocmask(SIG_BLOCK, &m, NULL);
    pid_t p = getpid();
    if (fork() == 0) {
        *n = 3;
        tgkill(p, p, SIGUSR1);
        _exit(0);
    }
    int s;
    sigwait(&m, &s);
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
