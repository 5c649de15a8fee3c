/* Also right: the parent makes the reading end of each pipe its own standard input, which the next
   command inherits. So it never has more than five descriptors open, however many commands there
   are.

   Usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...
*/
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_bar(const char *word)
{
    return strcmp(word, "|") == 0;
}

/* Wait for all children; return what became of `last`. */
static int collect(pid_t last)
{
    int status, result = EXIT_FAILURE;
    close(STDIN_FILENO); /* An end of a pipe, perhaps */
    for (pid_t pid; (pid = wait(&status)) != -1;)
        if (pid == last)
            result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return result;
}

static void fail(const char *call)
{
    perror(call);
    exit(collect(-1));
}

/* Start a command; if it is not the last, its output becomes the input of the parent. */
static pid_t start(char **command, bool is_last)
{
    int ends[2], moved = 0;
    if (!is_last && pipe(ends) == -1)
        fail("pipe");
    pid_t pid = fork();
    if (!is_last) {
        moved = pid == 0 ? dup2(ends[1], STDOUT_FILENO) : dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        close(ends[1]);
    }
    if (pid == -1)
        fail("fork");
    if (moved == -1)
        fail("dup2"); /* A child has nobody to wait for */
    if (pid > 0)
        return pid;
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

int main(int argc, char *argv[])
{
    for (int i = 1; i <= argc; i++)
        if ((i == argc || is_bar(argv[i])) && (i == 1 || is_bar(argv[i - 1]))) {
            fprintf(stderr, "usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...\n");
            exit(2);
        }
    pid_t last = -1;
    for (char **command = argv + 1, **end; command <= argv + argc; command = end + 1) {
        for (end = command; *end != NULL && !is_bar(*end); end++)
            continue;
        bool is_last = *end == NULL;
        *end = NULL;
        last = start(command, is_last);
    }
    return collect(last);
}
