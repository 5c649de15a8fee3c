/* Wrong: malloc() and free() are not async-signal-safe. */
#include "../u.h"

static void handler(int number)
{
    char *room = malloc((size_t)number + 8);
    room[0] = 'x';
    free(room);
}

int main(void)
{
    handle(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    return 0;
}
