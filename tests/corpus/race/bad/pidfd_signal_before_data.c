/* Wrong: the signal is sent before the data are there. */
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
        int fd = (int)syscall(SYS_pidfd_open, p, 0);
        syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0);
        *n = 3;
        _exit(0);
    }
    int s;
    sigwait(&m, &s);
    printf("%d\n", *n);
    reap();
    return 0;
}
