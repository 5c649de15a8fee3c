/* MISTAKE: ignores SIGINT and SIGTERM, too, and can hardly be ended while it waits.

   Write the lines of standard input into the FIFO PATH; when its reader goes, wait for the next.

   Usage: speak PATH
*/
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path;

static void fail(const char *call)
{
    fprintf(stderr, "speak: %s %s: %s\n", call, path, strerror(errno));
    exit(EXIT_FAILURE);
}

static void say(const char *word)
{
    printf("%s\n", word);
    if (fflush(stdout) == EOF)
        fail("write to standard output, for");
}

/* Sleep until somebody reads the FIFO. */
static int open_fifo(void)
{
    say("waiting");
    int fd;
    while ((fd = open(path, O_WRONLY)) == -1 && errno == EINTR)
        continue;
    if (fd == -1)
        fail("open");

    struct stat status;
    if (fstat(fd, &status) == -1)
        fail("fstat");
    if (!S_ISFIFO(status.st_mode)) {
        fprintf(stderr, "speak: %s is not a FIFO\n", path);
        exit(EXIT_FAILURE);
    }
    say("reader");
    return fd;
}

/* Write all of it; return false if nobody reads any more. */
static bool write_line(int fd, const char *line, size_t length)
{
    while (length > 0) {
        ssize_t put = write(fd, line, length);
        if (put == -1 && errno == EPIPE)
            return false;
        if (put == -1 && errno != EINTR)
            fail("write");
        if (put > 0) {
            line += put;
            length -= (size_t)put;
        }
    }
    return true;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: speak PATH\n");
        exit(2);
    }
    path = argv[1];

    /* Now write() fails with EPIPE, instead of a signal that ends the program. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        fail("signal SIGPIPE, for");

    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    int fd = open_fifo();
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&line, &room, stdin)) != -1)
        while (!write_line(fd, line, (size_t)length)) {
            say("gone");
            close(fd);
            fd = open_fifo();
        }
    if (ferror(stdin))
        fail("read from standard input, for");
    free(line);
    if (close(fd) == -1)
        fail("close");
    return EXIT_SUCCESS;
}
