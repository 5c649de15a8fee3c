/* Wrong: localtime() uses a static buffer and takes a lock. */
#include "../u.h"

static volatile sig_atomic_t hour;

static void handler(int number)
{
    (void)number;
    int error = errno;
    time_t now = time(NULL);
    hour = localtime(&now)->tm_hour;
    errno = error;
}

int main(void)
{
    handle(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    return hour > 24;
}
