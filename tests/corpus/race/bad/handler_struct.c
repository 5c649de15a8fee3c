/* Wrong: the handler fills in a structure that the program reads with the signal let through. */
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
    handle(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    return last.number != SIGUSR1 || last.times != 1;
}
