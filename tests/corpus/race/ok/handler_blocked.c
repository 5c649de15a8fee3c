/* Right: the handler's plain variables are only read while its signal is blocked. */
#include "../u.h"

static struct {
    int number, times;
} last;

static void handler(int number)
{
    last.number = number;
    last.times++;
}

int main(void)
{
    sigset_t only, before;
    handle(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, &before);
    int failed = last.number != SIGUSR1 || last.times != 1;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return failed;
}
