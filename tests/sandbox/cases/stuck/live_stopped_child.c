/* Lets a stopped child go on after a while. */
#include "case.h"

int main(void)
{
    pid_t child = (pid_t)check(fork(), "fork");
    if (child == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    doze(200 * MILLISECOND);
    check(kill(child, SIGCONT), "kill");
    check(waitpid(child, NULL, 0), "waitpid");
    return 0;
}
