/* Dead: waits for a signal that has come already. */
#include "../../race/u.h"

static void handler(int number)
{
    (void)number;
}

int main(void)
{
    sigset_t none;
    sigemptyset(&none);
    handle(SIGUSR1, handler);
    raise(SIGUSR1);
    sigsuspend(&none);
    return 0;
}
