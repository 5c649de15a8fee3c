/* Runs cat on a pipe, and lets cat inherit the pipe's write end too: cat never sees its end. */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void run_cat(const int ends[2])
{
    if (dup2(ends[0], STDIN_FILENO) == -1)
        err(EXIT_FAILURE, "dup2");
    if (close(ends[0]) == -1)
        err(EXIT_FAILURE, "close");
    /* What is missing: close(ends[1]). */
    execlp("cat", "cat", (char *)NULL);
    err(EXIT_FAILURE, "exec(cat)");
}

/* Wait until the child has exec'ed: that closes its copy of a close-on-exec descriptor. */
static void await_exec(const int exec[2])
{
    char byte;

    close(exec[1]);
    if (read(exec[0], &byte, 1) == -1)
        err(EXIT_FAILURE, "read");
    close(exec[0]);
}

int main(void)
{
    int ends[2], exec[2];
    if (pipe(ends) == -1 || pipe2(exec, O_CLOEXEC) == -1)
        err(EXIT_FAILURE, "pipe");

    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        run_cat(ends);
        _exit(EXIT_FAILURE);
    default:
        await_exec(exec);
        return 0;
    }
}
