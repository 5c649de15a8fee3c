/* Polls without a time-out, and was stopped and continued meanwhile. */
#include "case.h"

int main(void)
{
    int ends[2], status;
    check(pipe(ends), "pipe");
    pid_t child = (pid_t)check(fork(), "fork");
    if (child == 0) {
        struct pollfd wanted = {.fd = ends[0], .events = POLLIN, .revents = 0};
        check(poll(&wanted, 1, -1), "poll");
        _exit(0);
    }
    doze(50 * MILLISECOND);
    check(kill(child, SIGSTOP), "kill");
    check(waitpid(child, &status, WUNTRACED), "waitpid");
    check(kill(child, SIGCONT), "kill");
    check(waitpid(child, &status, 0), "waitpid");
    return 0;
}
