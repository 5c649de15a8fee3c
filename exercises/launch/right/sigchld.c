/* Also right: sleeps in sigwait() for SIGCHLD, then collects whoever has ended without waiting.

   Usage: launch COMMAND [ARG]... [+ COMMAND [ARG]...]...
*/
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct command {
    char **argv;
    pid_t pid;
    struct command *next;
};

static int usage(void)
{
    fprintf(stderr, "usage: launch COMMAND [ARG]... [+ COMMAND [ARG]...]...\n");
    return 2;
}

static int collect(const struct command *list, int *left)
{
    int status, bad = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0; (*left)--) {
        int number = 1;
        for (const struct command *one = list; one->pid != pid; one = one->next)
            number++;
        if (WIFEXITED(status))
            printf("%d: exit %d\n", number, WEXITSTATUS(status));
        else
            printf("%d: signal %d\n", number, WTERMSIG(status));
        bad |= status;
    }
    return bad;
}

int main(int argc, char *argv[])
{
    struct command *list = NULL, **end = &list;
    int count = 0, bad = 0, sig;
    sigset_t none, child;

    for (int i = 1; i <= argc; i++) {
        struct command *new = calloc(1, sizeof(*new));
        if (new == NULL)
            return 1;
        new->argv = argv + i;
        while (i < argc && strcmp(argv[i], "+") != 0)
            i++;
        argv[i] = NULL;
        if (new->argv[0] == NULL)
            return usage();
        *end = new;
        end = &new->next;
        count++;
    }
    if (count == 0)
        return usage();

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("commands: %d\n", count);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &none);
    count = 0;
    for (struct command *one = list; one != NULL; one = one->next, count++) {
        if ((one->pid = fork()) == -1) {
            perror("fork");
            bad = 1;
            break;
        }
        if (one->pid == 0) {
            sigprocmask(SIG_SETMASK, &none, NULL);
            execvp(one->argv[0], one->argv);
            perror(one->argv[0]);
            _exit(127);
        }
    }
    while (count > 0) {
        sigwait(&child, &sig);
        bad |= collect(list, &count);
    }
    return bad != 0;
}
