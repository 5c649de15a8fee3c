/* MISTAKE: looks at the variable, and then sleeps in read(): a signal in between is seen after the
 * next line. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t n_int, n_usr1, n_usr2, terminate;

static void on_signal(int sig)
{
    switch (sig) {
    case SIGINT:
        n_int++;
        break;
    case SIGUSR1:
        n_usr1++;
        break;
    case SIGUSR2:
        n_usr2++;
        break;
    default:
        terminate = 1;
    }
}

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

int main(void)
{
    static const int sigs[] = {SIGINT, SIGUSR1, SIGUSR2, SIGTERM};
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = 0};
    sigset_t block, open_mask;
    long lines = 0;
    int eof = 0;
    char buf[65536];

    sigemptyset(&block);
    for (size_t i = 0; i < 4; i++)
        sigaddset(&block, sigs[i]);
    sa.sa_mask = block;
    for (size_t i = 0; i < 4; i++)
        if (sigaction(sigs[i], &sa, NULL) == -1)
            die("sigaction");
    if (sigprocmask(SIG_BLOCK, NULL, &open_mask) == -1)
        die("sigprocmask");
    for (size_t i = 0; i < 4; i++)
        sigdelset(&open_mask, sigs[i]);

    if (sigprocmask(SIG_SETMASK, &open_mask, NULL) == -1)
        die("sigprocmask");
    while (!terminate) {
        if (eof)
            sigsuspend(&open_mask);
        else {
            ssize_t got = read(STDIN_FILENO, buf, sizeof buf);
            if (got == -1 && errno != EINTR && errno != EAGAIN)
                die("read");
            if (got == 0)
                eof = 1;
            for (ssize_t i = 0; i < got; i++)
                lines += buf[i] == '\n';
        }
    }
    printf("SIGINT: %ld\nSIGUSR1: %ld\nSIGUSR2: %ld\nlines: %ld\n", (long)n_int, (long)n_usr1,
           (long)n_usr2, lines);
    if (fflush(stdout) == EOF)
        die("write");
    return EXIT_SUCCESS;
}
