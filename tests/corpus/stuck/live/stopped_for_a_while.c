/* Live: one is stopped, another one will let it go on. */
#include "../../race/u.h"

int main(void)
{
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    if (fork() == 0) {
        usleep(300000);
        kill(child, SIGCONT);
        _exit(0);
    }
    return reap();
}
