/* Live: sigtimedwait() with a limit. */
#include "../../race/u.h"

int main(void)
{
    struct timespec limit = {0, 300000000};
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, NULL);
    return sigtimedwait(&only, NULL, &limit) != -1;
}
