/* MISTAKE: sets the flag back after it has collected: a child that ends in between is forgotten.

   Run each line of standard input in the background, and report each that has ended.

   Usage: reaper
*/
#define _GNU_SOURCE /* For ppoll() */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t *pids; /* Of each command; 0 when it has ended */
static int commands, running;
static sigset_t waiting; /* With SIGCHLD let in */

static void fail(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

static volatile sig_atomic_t child_ended;

static void note_child(int sig __attribute__((unused)))
{
    child_ended = 1;
}

static void run(const char *line)
{
    close(STDIN_FILENO); /* The lowest free number is what open() takes */
    if (open("/dev/null", O_RDONLY) == -1)
        perror("reaper: /dev/null");
    sigprocmask(SIG_SETMASK, &waiting, NULL);
    execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    perror("reaper: /bin/sh");
    _exit(127);
}

static void start(const char *line)
{
    pid_t *more = realloc(pids, (size_t)(commands + 1) * sizeof(*pids));
    if (more == NULL)
        fail("reaper: realloc");
    pids = more;
    pid_t pid = fork();
    if (pid == -1)
        fail("reaper: fork");
    if (pid == 0)
        run(line);
    pids[commands++] = pid;
    running++;
}

/* Read once, and start the commands whose lines are complete. Return 0 at the end of the input. */
static ssize_t read_commands(void)
{
    static char text[8192];
    static size_t have;
    ssize_t got = read(STDIN_FILENO, text + have, sizeof(text) - 1 - have);
    if (got == -1)
        fail("reaper: read");
    have += (size_t)got;
    if (got == 0 && have > 0)
        text[have++] = '\n'; /* The last line had none */
    char *line = text, *end;
    while ((end = memchr(line, '\n', have)) != NULL) {
        *end = '\0';
        start(line);
        have -= (size_t)(end + 1 - line);
        line = end + 1;
    }
    memmove(text, line, have);
    return got;
}

/* One signal may stand for many children, so take all that have ended. */
static void reap(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        int number = 0;
        while (pids[number] != pid)
            number++;
        pids[number] = 0; /* Another child may get the same pid */
        running--;
        printf("%d: %s %d\n", number + 1, WIFSIGNALED(status) ? "signal" : "exit",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    if (fflush(stdout) == EOF)
        fail("reaper: write to standard output");
}

int main(void)
{
    struct sigaction action = {.sa_handler = note_child, .sa_flags = SA_RESTART};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, NULL, &waiting);
    sigaction(SIGCHLD, &action, NULL);

    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (input.fd != -1 || running > 0) {
        int ready = 0;
        sigprocmask(SIG_BLOCK, &blocked, NULL);
        if (!child_ended)
            ready = ppoll(&input, 1, NULL, &waiting);
        int error = errno;
        if (ready > 0 && read_commands() == 0)
            input.fd = -1;
        sigprocmask(SIG_SETMASK, &waiting, NULL);
        if (ready == -1 && error != EINTR)
            fail("reaper: ppoll");
        if (child_ended) {
            reap();
            child_ended = 0;
        }
    }
    printf("commands: %d\n", commands);
    return EXIT_SUCCESS;
}
