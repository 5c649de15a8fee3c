/* A handler that prints. */
#include <signal.h>
#include <stdio.h>

static void tell(int sig)
{
    printf("signal %d\n", sig);
}

int main(void)
{
    struct sigaction action = {.sa_handler = tell};
    sigaction(SIGUSR1, &action, NULL);
    return raise(SIGUSR1);
}
