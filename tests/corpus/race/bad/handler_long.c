/* Wrong: what a handler changes and the program reads must be volatile sig_atomic_t, not long. */
#include "../u.h"

static long total;

static void handler(int number)
{
    total += number;
}

int main(void)
{
    handle(SIGUSR1, handler);
    for (int i = 0; i < 3; i++)
        kill(getpid(), SIGUSR1);
    return total != 3 * SIGUSR1;
}
