/* Right: SIGIO says that there is something to read. */
#include "../u.h"

static volatile sig_atomic_t got;
static void h(int s)
{
    (void)s;
    got = 1;
}
int main(void)
{
    int *n = shared(4096);
    int s[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    sigset_t m, o;
    sigemptyset(&m);
    sigaddset(&m, SIGIO);
    sigprocmask(SIG_BLOCK, &m, &o);
    handle(SIGIO, h);
    fcntl(s[0], F_SETOWN, getpid());
    fcntl(s[0], F_SETFL, O_ASYNC | O_NONBLOCK);
    if (fork() == 0) {
        *n = 2;
        if (write(s[1], "x", 1) != 1)
            _exit(1);
        _exit(0);
    }
    char c;
    for (;;) {
        if (read(s[0], &c, 1) == 1)
            break;
        while (!got)
            sigsuspend(&o);
        got = 0;
    }
    int r = *n != 2;
    *n = 3;
    return reap() || r;
}
