/* Right: SIGUSR1 as something that is read. */
#include "../u.h"

int main(void)
{
    sigset_t only;
    struct signalfd_siginfo info;
    int *data = shared(sizeof *data);
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, NULL);
    int file = signalfd(-1, &only, 0);
    if (fork() == 0) {
        *data = 42;
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    read(file, &info, sizeof info);
    return *data != 42 || reap();
}
