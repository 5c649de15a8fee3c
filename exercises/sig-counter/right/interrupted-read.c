/* Also right, as far as this exercise goes: a plain read() that every signal interrupts, and
   pause() at the end of the input. A SIGTERM between the test and the call would be noticed late.

   Usage: sig_counter
*/
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t counts[NSIG];

static void count_signal(int sig)
{
    counts[sig]++;
}

int main(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = count_signal;
    sigfillset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    long lines = 0;
    int open = 1;
    while (counts[SIGTERM] == 0) {
        char byte;
        ssize_t got = open ? read(STDIN_FILENO, &byte, 1) : pause();
        if (got == 1 && byte == '\n')
            lines++;
        else if (got == 0)
            open = 0;
        else if (got == -1 && errno != EINTR)
            return 1;
    }
    printf("SIGINT: %d\nSIGUSR1: %d\n", counts[SIGINT], counts[SIGUSR1]);
    printf("SIGUSR2: %d\nlines: %ld\n", counts[SIGUSR2], lines);
    return 0;
}
