/* Blocks all signals but one, for which it waits. */
#include "case.h"

int main(void)
{
    sigset_t mask;
    handle(SIGUSR2);
    handle(SIGINT);
    sigfillset(&mask);
    sigdelset(&mask, SIGUSR2);
    sigsuspend(&mask);
    return 0;
}
