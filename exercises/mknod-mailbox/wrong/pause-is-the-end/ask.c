/* MISTAKE: after the first byte EAGAIN is taken for the end: a slow server's answer is cut off */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *path;
static volatile sig_atomic_t made;
static sigset_t ends;

static void on_end(int sig)
{
    if (made)
        unlink(path);
    _exit(128 + sig);
}

static void quit(int status)
{
    sigprocmask(SIG_BLOCK, &ends, NULL);
    if (made)
        unlink(path);
    exit(status);
}

int main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: ask DIR COUNT TEXT\n");
        return 2;
    }
    sigset_t old;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, &old);
    sigdelset(&old, SIGINT);
    sigdelset(&old, SIGTERM);
    struct sigaction sa = {.sa_handler = on_end};
    sa.sa_mask = ends;
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);

    char *request, *name = NULL;
    if (asprintf(&request, "%s/request", argv[1]) == -1) {
        perror("ask");
        return 1;
    }
    int to = open(request, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat s;
    if (to == -1 || fstat(to, &s) == -1) {
        fprintf(stderr, "ask: %s: %s\n", request, strerror(errno));
        return 1;
    }
    if (!S_ISFIFO(s.st_mode)) {
        fprintf(stderr, "ask: %s: not a FIFO\n", request);
        return 1;
    }
    for (int i = 0; !made; i++) {
        if (asprintf(&name, "reply-%ld-%d", (long)getpid(), i) == -1 ||
            asprintf(&path, "%s/%s", argv[1], name) == -1) {
            perror("ask");
            return 1;
        }
        if (mkfifo(path, 0600) == 0)
            made = 1;
        else if (errno != EEXIST) {
            perror(path);
            return 1;
        }
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    int from = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (from == -1) {
        perror(path);
        quit(1);
    }
    char *line;
    int len = asprintf(&line, "%s %s %s\n", name, argv[2], argv[3]);
    if (len == -1 || fcntl(to, F_SETFL, O_WRONLY) == -1) {
        perror("ask");
        quit(1);
    }
    ssize_t w;
    do
        w = write(to, line, len);
    while (w == -1 && errno == EINTR);
    if (w == -1) {
        fprintf(stderr, "ask: %s: %s\n", request, strerror(errno));
        quit(1);
    }
    close(to);

    struct pollfd p = {.fd = from, .events = POLLIN};
    while (poll(&p, 1, -1) == -1)
        if (errno != EINTR) {
            perror("ask: poll");
            quit(1);
        }
    static char buf[65536];
    ssize_t n;
    while ((n = read(from, buf, sizeof buf)) > 0)
        for (ssize_t at = 0; at < n;) {
            w = write(STDOUT_FILENO, buf + at, n - at);
            if (w == -1 && errno != EINTR) {
                perror("ask: standard output");
                quit(1);
            }
            if (w > 0)
                at += w;
        }
    quit(0);
}
