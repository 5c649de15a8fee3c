/* Right: the signal is blocked wherever the program counts in the shared memory in which its
 * handler counts, too. */
#include "../u.h"

static int *n;

static void on(int number)
{
    (void)number;
    ++*n;
}

int main(void)
{
    sigset_t usr1, before;
    n = shared(64);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, &before);
    handle(SIGUSR1, on);
    pid_t parent = getpid();
    if (fork() == 0) {
        kill(parent, SIGUSR1);
        _exit(0);
    }
    for (int i = 0; i < 3; i++) {
        ++*n;
        sigprocmask(SIG_SETMASK, &before, NULL);
        sigprocmask(SIG_BLOCK, &usr1, NULL);
    }
    int status = reap();
    sigprocmask(SIG_SETMASK, &before, NULL);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    return *n == 4 ? status : 1;
}
