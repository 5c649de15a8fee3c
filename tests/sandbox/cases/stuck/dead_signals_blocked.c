/* Blocks signals, and they come. */
#include "case.h"

int main(void)
{
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    check(sigprocmask(SIG_BLOCK, &both, NULL), "sigprocmask");
    check(kill(getpid(), SIGINT), "kill");
    check(kill(getpid(), SIGTERM), "kill");
    pause();
    return 0;
}
