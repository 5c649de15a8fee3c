/* Also right: all pipes at first, with O_CLOEXEC, so that exec closes whatever is not a standard
   stream.

   Usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...
*/
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    char ***stages = calloc((size_t)argc, sizeof(*stages));
    int(*pipes)[2] = calloc((size_t)argc + 1, sizeof(*pipes));
    pid_t *pids = calloc((size_t)argc, sizeof(*pids));
    int n = 0, status, result = 1;

    if (stages == NULL || pipes == NULL || pids == NULL)
        err(1, "calloc");
    for (int i = 1; i <= argc; i++) {
        stages[n++] = &argv[i];
        while (i < argc && strcmp(argv[i], "|") != 0)
            i++;
        argv[i] = NULL;
        if (*stages[n - 1] == NULL)
            errx(2, "usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...");
    }
    if (n == 0)
        errx(2, "usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...");

    for (int i = 0; i < n - 1; i++)
        if (pipe2(pipes[i], O_CLOEXEC) != 0)
            err(1, "pipe2");
    int started = 0;
    for (int i = 0; i < n; i++, started++) {
        pids[i] = fork();
        if (pids[i] < 0) {
            warn("fork");
            break;
        }
        if (pids[i] == 0) {
            if ((i > 0 && dup2(pipes[i - 1][0], 0) < 0) || (i < n - 1 && dup2(pipes[i][1], 1) < 0))
                _exit(126);
            execvp(*stages[i], stages[i]);
            warn("%s", *stages[i]);
            _exit(127);
        }
    }
    for (int i = 0; i < n - 1; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
    for (int i = 0; i < started; i++) {
        while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR)
            continue;
        result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return started == n ? result : 1;
}
