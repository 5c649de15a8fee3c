/* Wrong: a local variable of main() that a handler changes through a pointer is not volatile. */
#include "../u.h"

static int *counter;

static void handler(int number)
{
    (void)number;
    ++*counter;
}

int main(void)
{
    int here = 0;
    counter = &here;
    handle(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    return here != 1;
}
