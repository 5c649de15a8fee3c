/* Has the kernel send signals for it: F_SETOWN and F_SETSIG on a pipe and a socket, timers, prctl,
 * leases.
 *
 * @row kill
 */
#include "attack.h"

int main(void)
{
    int ends[2];

    for (int to = 1; to < 40; to++) {
        if (to == getpid() || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
            continue;
        fcntl(ends[0], F_SETOWN, to);
        fcntl(ends[0], F_SETSIG, SIGKILL);
        fcntl(ends[0], F_SETFL, O_ASYNC);
        held(write(ends[1], "x", 1) == 1, "a socket pair");
        close(ends[0]);
        close(ends[1]);
    }
    for (int to = 1; to < 40; to++) {
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL | 4 /* THREAD_ID */,
                                 .sigev_signo = SIGKILL};
        timer_t timer;
        event._sigev_un._tid = to;
        if (to != getpid())
            refused(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer),
                    "a timer for a stranger");
    }
    return done();
}
