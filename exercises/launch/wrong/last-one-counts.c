/* MISTAKE: the exit status is that of the command that ends last, not that of all.

   Run several commands at once, and report how each of them ends, in the order in which they do.

   Usage: launch COMMAND [ARG]... [+ COMMAND [ARG]...]...
*/
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *call)
{
    fprintf(stderr, "launch: %s: %s\n", call, strerror(errno));
    exit(EXIT_FAILURE);
}

static void usage(void)
{
    fprintf(stderr, "usage: launch COMMAND [ARG]... [+ COMMAND [ARG]...]...\n");
    exit(2);
}

/* Replace each + by the NULL that ends an argv; return where each command begins. */
static char ***split(char **words, int *count)
{
    char ***commands = NULL;
    char **begin = words;
    *count = 0;
    for (char **word = words;; word++) {
        bool last = *word == NULL;
        if (!last && strcmp(*word, "+") != 0)
            continue;
        if (word == begin)
            usage();
        *word = NULL;
        commands = realloc(commands, (size_t)(*count + 1) * sizeof(*commands));
        if (commands == NULL)
            fail("realloc");
        commands[(*count)++] = begin;
        if (last)
            return commands;
        begin = word + 1;
    }
}

/* In a child: become the command. The status of one that cannot be run is 127, as in a shell. */
static void run(char **command)
{
    execvp(command[0], command);
    fprintf(stderr, "launch: %s: %s\n", command[0], strerror(errno));
    _exit(127);
}

/* Return how many commands could be started. */
static int start_all(char ***commands, int count, pid_t *pids)
{
    for (int i = 0; i < count; i++) {
        pids[i] = fork();
        if (pids[i] == -1) {
            fprintf(stderr, "launch: fork for %s: %s\n", commands[i][0], strerror(errno));
            return i;
        }
        if (pids[i] == 0)
            run(commands[i]);
    }
    return count;
}

/* Report one command that has ended; return whether all is well with it. */
static bool report(const pid_t *pids, int count)
{
    int status, number = 0;
    pid_t pid = wait(&status); /* No EINTR: there is no handler */
    if (pid == -1)
        fail("wait");
    while (number < count && pids[number] != pid)
        number++;
    if (WIFSIGNALED(status))
        printf("%d: signal %d\n", number + 1, WTERMSIG(status));
    else
        printf("%d: exit %d\n", number + 1, WEXITSTATUS(status));
    if (fflush(stdout) == EOF)
        fail("write to standard output");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char *argv[])
{
    if (argc < 2)
        usage();
    int count;
    char ***commands = split(argv + 1, &count);
    pid_t *pids = calloc((size_t)count, sizeof(*pids));
    if (pids == NULL)
        fail("calloc");

    /* What stays in the buffer would come after what the commands print, or once more in a child.
     */
    printf("commands: %d\n", count);
    if (fflush(stdout) == EOF)
        fail("write to standard output");

    int started = start_all(commands, count, pids);
    bool well = true;
    for (int i = 0; i < started; i++)
        well = report(pids, started);
    free(pids);
    free(commands);
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
