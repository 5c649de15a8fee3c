/* Waits for a child that pauses for ever. */
#include "case.h"

int main(void)
{
    pid_t child = (pid_t)check(fork(), "fork");
    if (child == 0)
        for (;;)
            pause();
    check(waitpid(child, NULL, 0), "waitpid");
    return 0;
}
