/* Polls with a time-out, and was stopped and continued meanwhile. */
#include "case.h"

int main(void)
{
    int status;
    pid_t child = (pid_t)check(fork(), "fork");
    if (child == 0) {
        struct pollfd nothing = {.fd = -1, .events = 0, .revents = 0};
        check(poll(&nothing, 1, 300), "poll");
        _exit(0);
    }
    doze(50 * MILLISECOND);
    check(kill(child, SIGSTOP), "kill");
    check(waitpid(child, &status, WUNTRACED), "waitpid");
    check(kill(child, SIGCONT), "kill");
    check(waitpid(child, &status, 0), "waitpid");
    return 0;
}
