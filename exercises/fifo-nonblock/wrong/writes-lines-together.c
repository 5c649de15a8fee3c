/* MISTAKE: writes all lines that have come with one write(), and takes it that all were written.

   Pass lines on from the FIFO IN to the FIFO OUT; drop and count those that nobody takes. End when
   standard input ends.

   Usage: relay IN OUT
*/
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *in_path, *out_path;
static int in_fd = -1, out_fd = -1;
static long passed, dropped;
static char held[65536]; /* What has come of lines that are not complete */
static size_t have;

static void fail(const char *call, const char *path)
{
    fprintf(stderr, "relay: %s %s: %s\n", call, path, strerror(errno));
    exit(EXIT_FAILURE);
}

static void check_fifo(const char *path)
{
    struct stat status;
    if (stat(path, &status) == -1)
        fail("stat", path);
    errno = EINVAL;
    if (!S_ISFIFO(status.st_mode))
        fail("not a FIFO:", path);
}

/* Opened anew, IN is at its end no longer. The old descriptor goes last, so that a writer who
   has just come always finds a reader. */
static void open_in(void)
{
    int fd = open(in_path, O_RDONLY | O_NONBLOCK);
    if (fd == -1)
        fail("open", in_path);
    if (in_fd != -1)
        close(in_fd);
    in_fd = fd;
}

/* Write the lines if somebody reads OUT and has room. */
static bool write_lines(const char *lines, size_t length)
{
    if (out_fd == -1)
        out_fd = open(out_path, O_WRONLY | O_NONBLOCK);
    if (out_fd == -1 && errno == ENXIO) /* Nobody reads */
        return false;
    if (out_fd == -1)
        fail("open", out_path);
    if (write(out_fd, lines, length) != -1)
        return true;
    if (errno != EAGAIN && errno != EPIPE)
        fail("write", out_path);
    return false; /* It is full; or its reader has gone, and the next one will come to this FIFO */
}

static void read_in(void)
{
    ssize_t got = read(in_fd, held + have, sizeof(held) - 1 - have);
    if (got == -1 && errno != EAGAIN)
        fail("read", in_path);
    have += got > 0 ? (size_t)got : 0;
    if (got == 0 && have > 0)
        held[have++] = '\n';

    size_t length = 0;
    long lines = 0;
    for (size_t i = 0; i < have; i++)
        if (held[i] == '\n') {
            length = i + 1;
            lines++;
        }
    if (lines > 0)
        *(write_lines(held, length) ? &passed : &dropped) += lines;
    have -= length;
    memmove(held, held + length, have);
    if (got == 0) { /* The last writer has gone; whoever comes from here on goes once more */
        open_in();
        printf("gone\n");
    }
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: relay IN OUT\n");
        exit(2);
    }
    in_path = argv[1];
    out_path = argv[2];
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    check_fifo(in_path);
    check_fifo(out_path);
    open_in();
    printf("ready\n");

    for (;;) {
        struct pollfd both[] = {{STDIN_FILENO, POLLIN, 0}, {in_fd, POLLIN, 0}};
        char ignored[256];
        if (poll(both, 2, -1) == -1) /* No EINTR: there is no handler */
            fail("poll", in_path);
        if (both[1].revents != 0) /* POLLIN, or POLLHUP without it */
            read_in();
        if (both[0].revents != 0 && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)
            break;
    }
    printf("passed: %ld, dropped: %ld\n", passed, dropped);
    return EXIT_SUCCESS;
}
