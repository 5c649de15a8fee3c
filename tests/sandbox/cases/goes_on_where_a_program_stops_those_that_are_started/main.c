#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Stops whoever has its uid, and so the next program of the case on its way to becoming one. */
static void stop_everybody(void)
{
    for (;;)
        if (kill(-1, SIGSTOP) == -1)
            sched_yield();
}

int main(int argc, char *argv[])
{
    if (argc > 1 && strcmp(argv[1], "stop") == 0) {
        if (puts("ready") == EOF || fflush(stdout) == EOF)
            return 1;
        stop_everybody();
    }
    return puts("done") == EOF;
}
