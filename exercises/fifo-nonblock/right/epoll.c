/* Also right: epoll, IN read until it is empty, one byte after the other into a line, and OUT kept
   open although its reader has gone: it works again when the next one has come.

   Usage: relay IN OUT
*/
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

static char line[1001];
static size_t length;
static int out = -1;
static long counts[2];

static void check(int well, const char *path)
{
    if (well)
        return;
    perror(path);
    exit(1);
}

static void pass_on(const char *path)
{
    if (out == -1)
        out = open(path, O_WRONLY | O_NONBLOCK);
    check(out != -1 || errno == ENXIO, path);
    ssize_t put = out == -1 ? -1 : write(out, line, length);
    check(out == -1 || put != -1 || errno == EAGAIN || errno == EPIPE, path);
    counts[put == -1]++;
    length = 0;
}

static int watch(int epoll, int old, const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    check(fd != -1 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, path);
    if (old != -1)
        close(old);
    return fd;
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s IN OUT\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i < 3; i++) {
        struct stat status;
        check(stat(argv[i], &status) == 0, argv[i]);
        errno = ENOTSUP;
        check(S_ISFIFO(status.st_mode), argv[i]);
    }
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = STDIN_FILENO};
    check(epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0, "standard input");
    int in = watch(epoll, -1, argv[1]);
    dprintf(STDOUT_FILENO, "ready\n");

    for (;;) {
        check(epoll_wait(epoll, &event, 1, -1) == 1, "epoll");
        char byte;
        if (event.data.fd == STDIN_FILENO) {
            if (read(STDIN_FILENO, &byte, 1) < 1)
                break;
            continue;
        }
        ssize_t got;
        while ((got = read(in, &byte, 1)) == 1) {
            line[length++] = byte;
            if (byte == '\n' || length == sizeof(line))
                pass_on(argv[2]);
        }
        check(got == 0 || errno == EAGAIN, argv[1]);
        if (got == 0) {
            if (length > 0) {
                line[length++] = '\n';
                pass_on(argv[2]);
            }
            in = watch(epoll, in, argv[1]);
            dprintf(STDOUT_FILENO, "gone\n");
        }
    }
    printf("passed: %ld, dropped: %ld\n", counts[0], counts[1]);
    return 0;
}
