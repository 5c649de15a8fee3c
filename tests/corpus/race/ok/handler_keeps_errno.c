/* Right: the handler saves errno, and the program looks at it after each call. */
#include "../u.h"

static volatile sig_atomic_t times;

static void handler(int number)
{
    int error = errno;
    (void)number;
    close(-1);
    times++;
    errno = error;
}

int main(void)
{
    handle(SIGUSR1, handler);
    for (int i = 0; i < 3; i++) {
        kill(getpid(), SIGUSR1);
        if (read(-1, NULL, 0) == -1 && errno != EBADF)
            return 1;
    }
    return times != 3;
}
