/* MISTAKE: reads on as long as the buffer was full, with the signals blocked: if just so much has
   come, read() waits, and SIGTERM has no effect */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

static volatile sig_atomic_t count[NSIG];

static void on_signal(int sig)
{
    count[sig]++;
}

int main(void)
{
    static const int sigs[] = {SIGINT, SIGUSR1, SIGUSR2, SIGTERM};
    sigset_t block, open;
    sigemptyset(&block);
    for (int i = 0; i < 4; i++)
        sigaddset(&block, sigs[i]);
    sigprocmask(SIG_BLOCK, &block, &open);
    struct sigaction sa = {.sa_handler = on_signal, .sa_mask = block};
    for (int i = 0; i < 4; i++) {
        sigdelset(&open, sigs[i]);
        if (sigaction(sigs[i], &sa, NULL) != 0) {
            perror("sigaction");
            return EXIT_FAILURE;
        }
    }

    size_t lines = 0;
    int reading = 1;
    while (count[SIGTERM] == 0) {
        fd_set set;
        FD_ZERO(&set);
        if (reading)
            FD_SET(0, &set);
        int r = pselect(reading, reading ? &set : NULL, NULL, NULL, NULL, &open);
        if (r == -1 && errno == EINTR)
            continue;
        if (r == -1) {
            perror("pselect");
            return EXIT_FAILURE;
        }
        char buf[4096];
        ssize_t n;
        do {
            n = read(0, buf, sizeof buf);
            if (n == -1 && errno != EINTR) {
                perror("standard input");
                return EXIT_FAILURE;
            }
            if (n == 0)
                reading = 0;
            for (ssize_t i = 0; i < n; i++)
                if (buf[i] == '\n')
                    lines++;
        } while (n == sizeof buf);
    }
    printf("SIGINT: %ld\nSIGUSR1: %ld\n", (long)count[SIGINT], (long)count[SIGUSR1]);
    printf("SIGUSR2: %ld\nlines: %zu\n", (long)count[SIGUSR2], lines);
    if (fclose(stdout) == EOF) {
        perror("standard output");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
