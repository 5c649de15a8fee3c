/* Wrong: exit() flushes stdio and runs atexit() functions, which a handler must not; _exit() may.
 */
#include "../u.h"

static void handler(int number)
{
    (void)number;
    exit(0);
}

int main(void)
{
    handle(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    return 0;
}
