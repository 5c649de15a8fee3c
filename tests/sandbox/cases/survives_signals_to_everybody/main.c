/* Sends each signal to everybody it may, to process 1 and to its parent: the driver, in a word. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    for (int number = 1; number < NSIG; number++) {
        kill(1, number);
        kill(getppid(), number);
        kill(-1, number);
    }
    kill(-1, SIGKILL);
    kill(1, SIGSTOP);
    kill(getppid(), SIGSTOP);
    kill(1, SIGKILL);
    puts("still here");
    return 0;
}
