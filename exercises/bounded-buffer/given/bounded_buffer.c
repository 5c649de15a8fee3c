/* bounded_buffer.c

   Carry lines through a buffer that has room for CAPACITY of them: a producer for each INPUT puts
   its lines in, and a consumer for each OUTPUT takes lines out. The buffer is in buffer.c.

   Usage: bounded_buffer CAPACITY INPUT... + OUTPUT...
*/
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buffer.h"

static struct buffer *buffer;
static int producers, children; /* The first children are the producers, the others the consumers */
static pid_t *pids;             /* 0: not started, or ended */
static bool stopping; /* Then a child may have been killed while it had a lock of the buffer */

/* Called in the children, which hold nothing in a buffer of stdio that must still be written. */
static void fail(const char *call, const char *object)
{
    fprintf(stderr, "bounded_buffer: %s, %s: %s\n", call, object, strerror(errno));
    _exit(EXIT_FAILURE);
}

static void produce(const char *path)
{
    char line[LINE_SIZE] = "";
    FILE *input = fopen(path, "r");
    if (input == NULL)
        fail("open", path);
    while (fgets(line, sizeof(line), input) != NULL)
        if (!buffer_put(buffer, line))
            fail("buffer_put", path);
    if (ferror(input))
        fail("read", path);
    _exit(EXIT_SUCCESS);
}

static void consume(const char *path)
{
    char line[LINE_SIZE];
    FILE *output = fopen(path, "w");
    if (output == NULL)
        fail("open", path);
    int got;
    while ((got = buffer_take(buffer, line)) == 1)
        if (fputs(line, output) == EOF || fflush(output) == EOF)
            fail("write", path);
    if (got != 0)
        fail("buffer_take", path);
    _exit(EXIT_SUCCESS);
}

static void stop_children(void)
{
    stopping = true;
    for (int i = 0; i < children; i++)
        if (pids[i] > 0)
            kill(pids[i], SIGTERM);
}

/* Return how many children could be started. */
static int start_children(const sigset_t *mask, char *paths[])
{
    for (int i = 0; i < children; i++) {
        pids[i] = fork();
        if (pids[i] == -1) {
            fprintf(stderr, "bounded_buffer: fork, %s: %s\n", paths[i], strerror(errno));
            return i;
        }
        if (pids[i] == 0) {
            sigprocmask(SIG_SETMASK, mask, NULL);
            if (i < producers)
                produce(paths[i]);
            consume(paths[i]);
        }
    }
    return children;
}

/* Note that a child has ended; return the exit status that the program now has. */
static int note_end(pid_t pid, int status, char *paths[], int exit_status)
{
    static int producers_gone = 0;
    int i = 0;
    while (pids[i] != pid)
        i++;
    pids[i] = 0;
    if (i < producers && ++producers_gone == producers && !stopping && !buffer_close(buffer)) {
        perror("bounded_buffer: buffer_close");
        status = -1;
        stop_children();
    }
    if (status == 0 || exit_status != EXIT_SUCCESS)
        return exit_status;
    fprintf(stderr, "bounded_buffer: the process for %s has failed\n", paths[i]);
    if (i >= producers)
        stop_children();
    return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    int plus = 2;
    while (plus < argc && strcmp(argv[plus], "+") != 0)
        plus++;
    if (plus == 2 || plus >= argc - 1) {
        fprintf(stderr, "usage: bounded_buffer CAPACITY INPUT... + OUTPUT...\n");
        exit(2);
    }
    char **paths = argv + 2;
    producers = plus - 2;
    children = argc - plus - 1 + producers;
    memmove(&argv[plus], &argv[plus + 1], (size_t)(argc - plus) * sizeof(*argv));

    /* These signals are taken by sigwait() only. */
    sigset_t awaited, before;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    sigprocmask(SIG_BLOCK, &awaited, &before);

    pids = calloc((size_t)children, sizeof(*pids));
    buffer = pids == NULL ? NULL : buffer_make(atoi(argv[1]));
    if (buffer == NULL) {
        perror("bounded_buffer: buffer_make");
        exit(EXIT_FAILURE);
    }
    int exit_status = EXIT_SUCCESS, left = start_children(&before, paths);
    if (left < children) {
        exit_status = EXIT_FAILURE;
        children = left;
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
                exit_status = note_end(pid, status, paths, exit_status);
            }
        }
    }
    buffer_destroy(buffer);
    free(pids);
    return exit_status;
}
