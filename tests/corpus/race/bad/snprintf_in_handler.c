/* Wrong: snprintf() is not async-signal-safe, although it prints nothing. */
#include "../u.h"

static char text[32];

static void handler(int number)
{
    int error = errno;
    int length = snprintf(text, sizeof text, "signal %d\n", number);
    write(STDERR_FILENO, text, (size_t)length);
    errno = error;
}

int main(void)
{
    handle(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    return 0;
}
