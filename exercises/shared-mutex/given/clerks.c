/* clerks.c

   A process for each PLACE is a clerk, who reads there, line by line, what to put into the
   warehouse and what to take out. The warehouse is in warehouse.c.

   Usage: clerks PLACE...
*/
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "warehouse.h"

enum { NONSENSE = -1000000 };

static int n;
static pid_t *pids; /* 0: not started, or ended */
static FILE *orders;
static int pauses; /* The next change stops there, until another line has come */

enum { NOWHERE, HALF_WAY, AT_THE_END };

/* Called in the children, which hold nothing in a buffer of stdio that must still be written. */
static void fail(const char *call, const char *place)
{
    fprintf(stderr, "clerks: %s, %s: %s\n", call, place, strerror(errno));
    _exit(EXIT_FAILURE);
}

static void pause_at(int place)
{
    char line[16];
    if (pauses == place && fgets(line, sizeof(line), orders) == NULL)
        fail("read", "orders");
    if (pauses == place)
        pauses = NOWHERE;
}

void shelf_change(struct shelf *shelf, long by)
{
    shelf->before = shelf->quantity;
    shelf->changing = true;
    shelf->quantity = NONSENSE;
    pause_at(HALF_WAY);
    shelf->quantity = shelf->before + by;
    shelf->changing = false;
    pause_at(AT_THE_END);
}

void shelf_repair(struct shelf *shelf)
{
    if (shelf->changing)
        shelf->quantity = shelf->before;
    shelf->changing = false;
}

static void tell(int i, const char *what, long quantity)
{
    printf("%d %s %ld\n", i, what, quantity);
    if (fflush(stdout) == EOF)
        fail("write", "standard output");
}

/* The lines are `put N`, `take N`, `look`, `pause` and `pause at the end`. */
static void work(struct warehouse *warehouse, int i, const char *place)
{
    char line[32];
    orders = fopen(place, "r");
    if (orders == NULL)
        fail("open", place);
    while (fgets(line, sizeof(line), orders) != NULL) {
        long quantity = atol(strchr(line, ' ') != NULL ? strchr(line, ' ') : "0");
        if (strncmp(line, "put", 3) == 0) {
            if (!warehouse_put(warehouse, quantity))
                fail("warehouse_put", place);
            tell(i, "put", quantity);
        } else if (strncmp(line, "take", 4) == 0) {
            if (!warehouse_take(warehouse, quantity))
                fail("warehouse_take", place);
            tell(i, "took", quantity);
        } else if (strncmp(line, "look", 4) == 0) {
            if ((quantity = warehouse_look(warehouse)) == -1)
                fail("warehouse_look", place);
            tell(i, "sees", quantity);
        } else
            pauses = strchr(line, ' ') != NULL ? AT_THE_END : HALF_WAY;
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
static int start_children(struct warehouse *warehouse, const sigset_t *mask, char *places[])
{
    for (int i = 0; i < n; i++) {
        pids[i] = fork();
        if (pids[i] == -1) {
            fprintf(stderr, "clerks: fork, %s: %s\n", places[i], strerror(errno));
            return i;
        }
        if (pids[i] == 0) {
            sigprocmask(SIG_SETMASK, mask, NULL);
            work(warehouse, i, places[i]);
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
    fprintf(stderr, "clerks: one of them has failed\n");
    return EXIT_FAILURE; /* The others go on */
}

int main(int argc, char *argv[])
{
    n = argc - 1;
    if (n < 1) {
        fprintf(stderr, "usage: clerks PLACE...\n");
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
    struct warehouse *warehouse = pids == NULL ? NULL : warehouse_make();
    if (warehouse == NULL) {
        perror("clerks: warehouse_make");
        exit(EXIT_FAILURE);
    }
    int exit_status = EXIT_SUCCESS, left = start_children(warehouse, &before, argv + 1);
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
    warehouse_destroy(warehouse);
    free(pids);
    return exit_status;
}
