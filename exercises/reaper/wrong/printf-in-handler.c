/* MISTAKE: the handler prints with printf(), which the main program may be in the middle
   of.

   Run each line of standard input in the background, and report each that has ended.

   Usage: reaper
*/
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 1000

static volatile pid_t pids[MOST];
static volatile sig_atomic_t commands, running;

static void report(int number, int status)
{
    if (WIFSIGNALED(status))
        printf("%d: signal %d\n", number, WTERMSIG(status));
    else
        printf("%d: exit %d\n", number, WEXITSTATUS(status));
    fflush(stdout);
}

static void reap(int sig)
{
    (void)sig;
    int saved = errno, status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (int i = 0; i < commands; i++)
            if (pids[i] == pid) {
                pids[i] = 0;
                running--;
                report(i + 1, status);
                break;
            }
    errno = saved;
}

static void start(const char *line, const sigset_t *chld, const sigset_t *none)
{
    sigprocmask(SIG_BLOCK, chld, NULL);
    pid_t pid = commands < MOST ? fork() : -1;
    if (pid == -1) {
        perror("reaper: fork");
        exit(1);
    }
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, none, NULL);
        close(STDIN_FILENO);
        if (open("/dev/null", O_RDONLY) == STDIN_FILENO)
            execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    pids[commands] = pid;
    commands++;
    running++;
    sigprocmask(SIG_SETMASK, none, NULL);
}

int main(void)
{
    sigset_t chld, none;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_SETMASK, NULL, &none);
    sigdelset(&none, SIGCHLD);
    struct sigaction action = {.sa_handler = reap, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    sigaction(SIGCHLD, &action, NULL);
    sigprocmask(SIG_SETMASK, &none, NULL);

    char text[8192];
    size_t length = 0;
    for (;;) {
        ssize_t got = read(STDIN_FILENO, text + length, sizeof(text) - 1 - length);
        if (got == -1) {
            if (errno == EINTR)
                continue;
            perror("reaper: read");
            return 1;
        }
        length += (size_t)got;
        if (got == 0 && length > 0)
            text[length++] = '\n';
        size_t begin = 0;
        for (size_t i = 0; i < length; i++)
            if (text[i] == '\n') {
                text[i] = '\0';
                start(text + begin, &chld, &none);
                begin = i + 1;
            }
        length -= begin;
        memmove(text, text + begin, length);
        if (got == 0)
            break;
    }

    sigprocmask(SIG_BLOCK, &chld, NULL);
    while (running > 0)
        sigsuspend(&none);
    printf("commands: %d\n", (int)commands);
    return 0;
}
