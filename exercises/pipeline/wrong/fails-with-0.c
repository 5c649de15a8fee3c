/* MISTAKE: exits with 0 if a call has failed.

   Run commands at the same time, each with the output of the one before as its input.

   Usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...
*/
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void complain(const char *what)
{
    fprintf(stderr, "pipeline: %s: %s\n", what, strerror(errno));
}

/* Whether a command has no word, in which case nothing may be started. */
static bool has_empty_command(int count, char **words)
{
    bool empty = true;
    for (int i = 0; i < count; i++) {
        bool separator = strcmp(words[i], "|") == 0;
        if (separator && empty)
            return true;
        empty = separator;
    }
    return empty;
}

/* End the command at its | (or the end); return where the next one begins, NULL if it is the last.
 */
static char **cut(char **command)
{
    while (*command != NULL && strcmp(*command, "|") != 0)
        command++;
    if (*command == NULL)
        return NULL;
    *command = NULL;
    return command + 1;
}

/* Make `fd` the standard stream `standard`, and leave no copy of it open. */
static void move(int fd, int standard)
{
    if (fd == standard)
        return;
    if (dup2(fd, standard) == -1) {
        complain("dup2");
        _exit(EXIT_FAILURE);
    }
    close(fd);
}

/* Start a command that reads from `in` and writes to `out`. other: the other end of `out`, not its.
 */
static pid_t start(char **command, int in, int out, int other)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    if (other != -1)
        close(other);
    move(in, STDIN_FILENO);
    move(out, STDOUT_FILENO);
    execvp(command[0], command);
    complain(command[0]);
    _exit(127);
}

/* Start all of them; return the pid of the last, or -1 if that was not possible. */
static pid_t start_all(char **command)
{
    int in = STDIN_FILENO; /* Of the command that is started next */
    for (;;) {
        char **next = cut(command);
        int ends[2] = {-1, STDOUT_FILENO};
        pid_t pid = -1;
        if (next != NULL && pipe(ends) == -1)
            complain("pipe");
        else if ((pid = start(command, in, ends[1], ends[0])) == -1)
            complain("fork");

        /* Only the two neighbours may have a pipe open, or its end is never seen. */
        if (in != STDIN_FILENO)
            close(in);
        if (ends[1] != STDOUT_FILENO)
            close(ends[1]);
        in = ends[0];
        if (next == NULL || pid == -1) {
            if (in != -1)
                close(in);
            return pid;
        }
        command = next;
    }
}

/* Wait for all children; return the exit status of the last command, as a shell would. */
static int collect(pid_t last)
{
    int status, result = EXIT_SUCCESS;
    for (pid_t pid; (pid = wait(&status)) != -1;)
        if (pid == last)
            result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return result;
}

int main(int argc, char *argv[])
{
    if (has_empty_command(argc - 1, argv + 1)) {
        fprintf(stderr, "usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...\n");
        exit(2);
    }
    return collect(start_all(argv + 1));
}
