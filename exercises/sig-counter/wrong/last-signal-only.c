/* MISTAKE: one variable holds the last signal, so that a second one which comes before main() has
   looked overwrites the first.

   Count SIGINT, SIGUSR1, SIGUSR2 and the lines of standard input until SIGTERM comes; then
   report.

   Usage: sig_counter
*/
#define _GNU_SOURCE /* For ppoll() */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t last_signal;

static void fail(const char *call)
{
    fprintf(stderr, "sig_counter: ");
    perror(call);
    exit(EXIT_FAILURE);
}

/* Everything else is left to main(). */
static void note_signal(int sig)
{
    last_signal = sig;
}

/* Block the four signals and install the handler; return the mask with which to let them in. */
static sigset_t prepare_signals(void)
{
    const int signals[] = {SIGINT, SIGUSR1, SIGUSR2, SIGTERM};
    sigset_t all, none;
    sigemptyset(&all);
    for (int i = 0; i < 4; i++)
        sigaddset(&all, signals[i]);
    if (sigprocmask(SIG_BLOCK, &all, &none) == -1)
        fail("sigprocmask");
    struct sigaction action = {.sa_handler = note_signal};
    for (int i = 0; i < 4; i++) {
        sigdelset(&none, signals[i]);
        if (sigaction(signals[i], &action, NULL) == -1)
            fail("sigaction");
    }
    return none;
}

/* Read once; return how many lines ended there, or -1 at the end of the input. */
static long read_lines(void)
{
    char chunk[4096];
    ssize_t got = read(STDIN_FILENO, chunk, sizeof(chunk));
    if (got == -1 && errno != EINTR)
        fail("read from standard input");
    if (got == 0)
        return -1;
    long lines = 0;
    for (ssize_t i = 0; i < got; i++)
        lines += chunk[i] == '\n';
    return lines;
}

/* Count the signal that has come, if one has. */
static void count_last(int counts[NSIG])
{
    counts[last_signal]++;
    last_signal = 0;
}

int main(void)
{
    int counts[NSIG] = {0};
    sigset_t none = prepare_signals();
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    long lines = 0;

    /* Signals come only while ppoll() waits, so none slips in between a look and it. */
    while (counts[SIGTERM] == 0) {
        if (ppoll(&input, 1, NULL, &none) == -1) {
            if (errno != EINTR)
                fail("ppoll");
            count_last(counts);
            continue;
        }
        long more = read_lines();
        if (more == -1)
            input.fd = -1; /* At its end it would always be ready; -1 is passed over */
        else
            lines += more;
    }

    printf("SIGINT: %d\nSIGUSR1: %d\nSIGUSR2: %d\n", counts[SIGINT], counts[SIGUSR1],
           counts[SIGUSR2]);
    printf("lines: %ld\n", lines);
    if (fflush(stdout) == EOF)
        fail("write to standard output");
    return EXIT_SUCCESS;
}
