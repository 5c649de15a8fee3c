/* Every signal, real-time ones too, to the driver: process 1, the parent, everybody, every group,
 * every way.
 *
 * @row kill
 */
#include "attack.h"

static void send_all(pid_t to, int number)
{
    siginfo_t info = {.si_signo = number, .si_code = SI_QUEUE};

    kill(to, number);
    syscall(SYS_tkill, to, number);
    syscall(SYS_tgkill, to, to, number);
    syscall(SYS_rt_sigqueueinfo, to, number, &info);
    syscall(SYS_rt_tgsigqueueinfo, to, to, number, &info);
    int pidfd = (int)syscall(SYS_pidfd_open, to, 0);
    if (pidfd != -1) {
        syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0);
        close(pidfd);
    }
}

int main(void)
{
    for (int number = 1; number <= 64; number++)
        if (number != SIGCHLD)
            signal(number, SIG_IGN);
    for (int number = 1; number <= 64; number++) {
        send_all(1, number);
        if (getppid() != 1)
            send_all(getppid(), number);
        for (int pid = 2; pid < 100; pid++)
            if (pid != getpid() && number != SIGCONT)
                kill(pid, number);
    }
    kill(-1, SIGKILL); /* sends to all but the caller */
    kill(-1, SIGSTOP);
    held(1, "still here");
    return done();
}
