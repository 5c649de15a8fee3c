/* philosophers.c

   A process for each PLACE is a philosopher, who reads there, line by line, when it is hungry and
   when it is full. To eat it needs two forks; table.c sees to them.

   Usage: philosophers PLACE...
*/
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "table.h"

static int n;
static pid_t *pids; /* 0: not started, or ended */

/* Called in the children, which hold nothing in a buffer of stdio that must still be written. */
static void fail(const char *call, const char *place)
{
    fprintf(stderr, "philosophers: %s, %s: %s\n", call, place, strerror(errno));
    _exit(EXIT_FAILURE);
}

static void tell(int i, const char *what)
{
    printf("%d %s\n", i, what);
    if (fflush(stdout) == EOF)
        fail("write", "standard output");
}

/* The lines are `hungry` and `full`, in turn. */
static void philosophise(struct table *table, int i, const char *place)
{
    char line[16];
    FILE *orders = fopen(place, "r");
    if (orders == NULL)
        fail("open", place);
    while (fgets(line, sizeof(line), orders) != NULL)
        if (strcmp(line, "hungry\n") == 0) {
            if (!table_take_forks(table, i))
                fail("table_take_forks", place);
            tell(i, "eats");
        } else {
            tell(i, "thinks");
            if (!table_put_forks(table, i))
                fail("table_put_forks", place);
        }
    _exit(EXIT_SUCCESS);
}

static void stop_children(void)
{
    for (int i = 0; i < n; i++)
        if (pids[i] > 0)
            kill(pids[i], SIGTERM);
}

/* Return how many children could be started. */
static int start_children(struct table *table, const sigset_t *mask, char *places[])
{
    for (int i = 0; i < n; i++) {
        pids[i] = fork();
        if (pids[i] == -1) {
            fprintf(stderr, "philosophers: fork, %s: %s\n", places[i], strerror(errno));
            return i;
        }
        if (pids[i] == 0) {
            sigprocmask(SIG_SETMASK, mask, NULL);
            philosophise(table, i, places[i]);
        }
    }
    return n;
}

/* A child has ended: return the exit status that the program now has. */
static int note_end(pid_t pid, int status, int exit_status)
{
    for (int i = 0; i < n; i++)
        if (pids[i] == pid)
            pids[i] = 0;
    if (status == 0 || exit_status != EXIT_SUCCESS)
        return exit_status;
    fprintf(stderr, "philosophers: one of them has failed\n");
    stop_children();
    return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    n = argc - 1;
    if (n < 2) {
        fprintf(stderr, "usage: philosophers PLACE...\n");
        exit(2);
    }

    /* These signals are taken by sigwait() only. */
    sigset_t awaited, before;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    sigprocmask(SIG_BLOCK, &awaited, &before);

    pids = calloc((size_t)n, sizeof(*pids));
    struct table *table = pids == NULL ? NULL : table_make(n);
    if (table == NULL) {
        perror("philosophers: table_make");
        exit(EXIT_FAILURE);
    }
    int exit_status = EXIT_SUCCESS, left = start_children(table, &before, argv + 1);
    if (left < n) {
        exit_status = EXIT_FAILURE;
        stop_children();
    }
    while (left > 0) {
        int sig, status;
        sigwait(&awaited, &sig);
        if (sig != SIGCHLD) {
            exit_status = 128 + sig;
            stop_children();
        }
        while (left > 0) {
            pid_t pid = waitpid(-1, &status, WNOHANG);
            if (pid == 0)
                break;
            if (pid > 0) {
                left--;
                exit_status = note_end(pid, status, exit_status);
            }
        }
    }
    table_destroy(table);
    free(pids);
    return exit_status;
}
