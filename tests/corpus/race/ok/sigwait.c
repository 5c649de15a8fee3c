/* Right: a blocked signal, fetched by sigwait(), tells of the data. */
#include "../u.h"

int main(void)
{
    sigset_t only;
    int *data = shared(sizeof *data), number;
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, NULL);
    if (fork() == 0) {
        *data = 42;
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    sigwait(&only, &number);
    return *data != 42 || reap();
}
