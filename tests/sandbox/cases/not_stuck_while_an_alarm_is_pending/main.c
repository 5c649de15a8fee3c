/* Waits for its own alarm. */
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t rang;

static void ring(int number)
{
    (void)number;
    rang = 1;
}

int main(void)
{
    struct sigaction action = {.sa_handler = ring};

    if (sigaction(SIGALRM, &action, NULL) == -1)
        err(EXIT_FAILURE, "sigaction");
    alarm(1);
    pause();
    return !rang;
}
