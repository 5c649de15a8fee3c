/* Also right: posix_spawnp() with file actions, from the last command to the first.

   Usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...
*/
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int usage(void)
{
    fputs("usage: pipeline COMMAND [ARG]... ['|' COMMAND [ARG]...]...\n", stderr);
    return 2;
}

static pid_t spawn(char **command, int in, int out)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    posix_spawn_file_actions_init(&actions);
    if (in != 0)
        posix_spawn_file_actions_adddup2(&actions, in, 0);
    if (out != 1)
        posix_spawn_file_actions_adddup2(&actions, out, 1);
    int error = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        fprintf(stderr, "pipeline: %s: %s\n", command[0], strerror(error));
    return error == 0 ? pid : 0;
}

int main(int argc, char *argv[])
{
    bool fresh = true;
    for (int i = 1; i < argc; i++) {
        bool bar = strcmp(argv[i], "|") == 0;
        if (bar && fresh)
            return usage();
        fresh = bar;
    }
    if (fresh)
        return usage();

    int out = 1, result = 127, status;
    pid_t last = 0;
    char **end = argv + argc;
    for (char **word = end - 1; word >= argv; word--) {
        if (word > argv && strcmp(*word, "|") != 0)
            continue;
        int ends[2] = {0, -1};
        if (word > argv) {
            *word = NULL;
            if (pipe2(ends, O_CLOEXEC) != 0) {
                perror("pipeline: pipe2");
                if (out != 1)
                    close(out);
                while (wait(NULL) > 0)
                    continue;
                return 1;
            }
        }
        pid_t pid = spawn(word + 1, ends[0], out);
        if (out == 1)
            last = pid;
        else
            close(out);
        if (ends[0] != 0)
            close(ends[0]);
        out = ends[1];
    }
    for (pid_t pid; (pid = wait(&status)) > 0;)
        if (pid == last)
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}
