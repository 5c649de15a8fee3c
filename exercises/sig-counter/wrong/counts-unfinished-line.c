/* MISTAKE: counts the last line also if it has no newline.

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

static volatile sig_atomic_t interrupts, users1, users2, ended;

static void fail(const char *call)
{
    fprintf(stderr, "sig_counter: ");
    perror(call);
    exit(EXIT_FAILURE);
}

/* Everything but counting is left to main(). */
static void count_signal(int sig)
{
    if (sig == SIGINT)
        interrupts++;
    else if (sig == SIGUSR1)
        users1++;
    else if (sig == SIGUSR2)
        users2++;
    else
        ended = 1;
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
    struct sigaction action = {.sa_handler = count_signal};
    for (int i = 0; i < 4; i++) {
        sigdelset(&none, signals[i]);
        if (sigaction(signals[i], &action, NULL) == -1)
            fail("sigaction");
    }
    return none;
}

static char last = '\n'; /* The byte that has come last */

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
    if (got > 0)
        last = chunk[got - 1];
    return lines;
}

int main(void)
{
    sigset_t none = prepare_signals();
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    long lines = 0;

    /* Signals come only while ppoll() waits, so none slips in between a look at `ended` and it. */
    while (!ended) {
        if (ppoll(&input, 1, NULL, &none) == -1) {
            if (errno != EINTR)
                fail("ppoll");
            continue;
        }
        long more = read_lines();
        if (more == -1) {
            input.fd = -1; /* At its end it would always be ready; -1 is passed over */
            lines += last != '\n';
        } else
            lines += more;
    }

    printf("SIGINT: %d\nSIGUSR1: %d\nSIGUSR2: %d\n", interrupts, users1, users2);
    printf("lines: %ld\n", lines);
    if (fflush(stdout) == EOF)
        fail("write to standard output");
    return EXIT_SUCCESS;
}
