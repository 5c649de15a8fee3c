/* Right: a handler on an alternate stack, waited for with sigsuspend(). */
#include "../u.h"

static volatile sig_atomic_t got;
static void h(int s)
{
    (void)s;
    got = 1;
}
int main(void)
{
    static char st[65536];
    stack_t a = {.ss_sp = st, .ss_size = sizeof st};
    sigaltstack(&a, NULL);
    struct sigaction x = {.sa_handler = h, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &x, NULL);
    sigset_t m, o;
    sigemptyset(&m);
    sigaddset(&m, SIGUSR1);
    sigprocmask(SIG_BLOCK, &m, &o);
    int *n = shared(4096);
    if (fork() == 0) {
        *n = 3;
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    while (!got)
        sigsuspend(&o);
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
