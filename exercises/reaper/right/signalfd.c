/* Also right: poll() on a signalfd and standard input; a linked list; posix_spawn().

   Usage: reaper
*/
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
    struct job *next;
    pid_t pid;
    long number;
};

static struct job *jobs;
static long started;
static sigset_t before;
extern char **environ;

static void die(const char *what, int error)
{
    fprintf(stderr, "reaper: %s: %s\n", what, strerror(error));
    exit(EXIT_FAILURE);
}

static void launch(char *command)
{
    char *words[] = {"sh", "-c", command, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &before);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    struct job *job = malloc(sizeof(*job));
    if (job == NULL)
        die("malloc", errno);
    int error = posix_spawn(&job->pid, "/bin/sh", &files, &attributes, words, environ);
    if (error != 0)
        die("posix_spawn", error);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    job->number = ++started;
    job->next = jobs;
    jobs = job;
}

static void bury(pid_t pid, int status)
{
    struct job **link = &jobs;
    while (*link != NULL && (*link)->pid != pid)
        link = &(*link)->next;
    struct job *job = *link;
    if (job == NULL)
        return;
    *link = job->next;
    if (WIFEXITED(status))
        printf("%ld: exit %d\n", job->number, WEXITSTATUS(status));
    else
        printf("%ld: signal %d\n", job->number, WTERMSIG(status));
    fflush(stdout);
    free(job);
}

static int take_input(void)
{
    static char *text;
    static size_t size, room;
    if (size + 4096 > room) {
        room += 65536;
        text = realloc(text, room);
        if (text == NULL)
            die("realloc", errno);
    }
    ssize_t got = read(STDIN_FILENO, text + size, 4095);
    if (got == -1 && errno == EINTR)
        return 1;
    if (got == -1)
        die("read", errno);
    size += (size_t)got;
    if (got == 0 && size > 0)
        text[size++] = '\n';
    char *end;
    while (size > 0 && (end = memchr(text, '\n', size)) != NULL) {
        *end = '\0';
        launch(text);
        size -= (size_t)(end + 1 - text);
        memmove(text, end + 1, size);
    }
    if (got == 0)
        free(text);
    return got > 0;
}

int main(void)
{
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &before);
    struct pollfd both[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = signalfd(-1, &chld, SFD_CLOEXEC), .events = POLLIN}};
    if (both[1].fd == -1)
        die("signalfd", errno);
    while (both[0].fd >= 0 || jobs != NULL) {
        if (poll(both, 2, -1) == -1) {
            if (errno == EINTR)
                continue;
            die("poll", errno);
        }
        if (both[1].revents != 0) {
            struct signalfd_siginfo about;
            if (read(both[1].fd, &about, sizeof(about)) == -1 && errno != EINTR)
                die("read from signalfd", errno);
            int status;
            for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
                bury(pid, status);
        }
        if (both[0].revents != 0 && !take_input())
            both[0].fd = -1;
    }
    printf("commands: %ld\n", started);
    return 0;
}
