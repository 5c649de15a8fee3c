/* MISTAKE: `running++` takes several instructions, and the handler may come amid them. The handler
   itself reaps, and reports with write(). SIGCHLD is blocked while a command is being added, and at
   the end it is let in by sigsuspend().

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

static char *add_number(char *to, int number)
{
    if (number >= 10)
        to = add_number(to, number / 10);
    *to = (char)('0' + number % 10);
    return to + 1;
}

static char *add_text(char *to, const char *text)
{
    while (*text != '\0')
        *to++ = *text++;
    return to;
}

static void report(int number, int status)
{
    char line[64], *end = add_number(line, number);
    if (WIFSIGNALED(status))
        end = add_number(add_text(end, ": signal "), WTERMSIG(status));
    else
        end = add_number(add_text(end, ": exit "), WEXITSTATUS(status));
    end = add_text(end, "\n");
    for (const char *at = line; at < end;) {
        ssize_t put = write(STDOUT_FILENO, at, (size_t)(end - at));
        if (put == -1 && errno != EINTR)
            _exit(1);
        at += put > 0 ? put : 0;
    }
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
    sigprocmask(SIG_SETMASK, none, NULL);
    running++;
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
