/* Handles a signal that nobody sends. */
#include "case.h"

int main(void)
{
    handle(SIGUSR1);
    pause();
    return 0;
}
