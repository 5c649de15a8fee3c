/* Also right: posix_spawnp(), which tells the parent that a command cannot be run; waitid() in any
   order.

   Usage: launch COMMAND [ARG]... [+ COMMAND [ARG]...]...
*/
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 10000

int main(int argc, char *argv[])
{
    static char **commands[MOST];
    static pid_t pids[MOST];
    int count = 0, running = 0, bad = 0;

    for (int i = 1; i <= argc && count < MOST; i++) {
        if (i == argc || strcmp(argv[i], "+") == 0) {
            argv[i] = NULL;
            if (i == 1 || argv[i - 1] == NULL) {
                fputs("usage: launch COMMAND [ARG]... [+ COMMAND [ARG]...]...\n", stderr);
                return 2;
            }
        } else if (i == 1 || argv[i - 1] == NULL) {
            commands[count++] = &argv[i];
        }
    }
    dprintf(STDOUT_FILENO, "commands: %d\n", count);
    for (int i = 0; i < count; i++) {
        int error = posix_spawnp(&pids[i], commands[i][0], NULL, NULL, commands[i], environ);
        if (error == 0) {
            running++;
            continue;
        }
        dprintf(STDERR_FILENO, "%s: %s\n", commands[i][0], strerror(error));
        dprintf(STDOUT_FILENO, "%d: exit 127\n", i + 1);
        bad++;
    }
    for (siginfo_t end; running > 0 && waitid(P_ALL, 0, &end, WEXITED) == 0; running--) {
        int number = 0;
        while (pids[number] != end.si_pid)
            number++;
        const char *how = end.si_code == CLD_EXITED ? "exit" : "signal";
        dprintf(STDOUT_FILENO, "%d: %s %d\n", number + 1, how, end.si_status);
        bad += end.si_code != CLD_EXITED || end.si_status != 0;
    }
    return bad > 0;
}
