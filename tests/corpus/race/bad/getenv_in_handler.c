/* Wrong: getenv() and rand() keep state that the program may be changing. */
#include "../u.h"

static volatile sig_atomic_t drawn;

static void handler(int number)
{
    drawn = rand() % number + (getenv("HOME") == NULL);
}

int main(void)
{
    handle(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    return drawn > 100;
}
