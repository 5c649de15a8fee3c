/* Wrong: the signal that tells of the data is sent before they are written. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), number;
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, NULL);
    if (fork() == 0) {
        kill(getppid(), SIGUSR1);
        *data = 42;
        _exit(0);
    }
    sigwait(&only, &number);
    int got = *data;
    reap();
    return got != 0 && got != 42;
}
