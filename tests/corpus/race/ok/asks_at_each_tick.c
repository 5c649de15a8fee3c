/* Right: asks with WNOHANG at each tick of a timer, so that no SIGCHLD need be heard of. */
#include "../u.h"

static void wake(int number)
{
    (void)number;
}

int main(void)
{
    struct itimerval tick = {.it_interval = {0, 10000}, .it_value = {0, 10000}};
    handle(SIGCHLD, wake);
    handle(SIGALRM, wake);
    handle(SIGINT, wake);
    setitimer(ITIMER_REAL, &tick, NULL);
    if (fork() == 0) {
        usleep(20000);
        _exit(0);
    }
    while (waitpid(-1, NULL, WNOHANG) == 0)
        pause();
    return 0;
}
