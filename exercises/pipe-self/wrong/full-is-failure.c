/* MISTAKE: EAGAIN, which says that the pipe is full, is taken for a failure.

   Send each TEXT through a pipe to this same process, and print what comes out of it.

   Usage: pipe_self TEXT...
*/
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *call)
{
    fprintf(stderr, "pipe_self: %s: %s\n", call, strerror(errno));
    exit(EXIT_FAILURE);
}

/* Write as much as the pipe takes now: nobody else would make room in it while we wait. */
static size_t fill(int fd, const char *text, size_t length)
{
    size_t sent = 0;
    while (sent < length) {
        ssize_t written = write(fd, text + sent, length - sent);
        if (written == -1)
            fail("write to the pipe");
        sent += (size_t)written; /* Maybe fewer than were to be written */
    }
    return sent;
}

/* Read exactly so many bytes, which are known to be in the pipe. */
static void drain(int fd, char *buffer, size_t length)
{
    for (size_t got = 0; got < length;) {
        ssize_t count = read(fd, buffer + got, length - got);
        if (count == -1)
            fail("read from the pipe");
        got += (size_t)count;
    }
}

static void pass(const char *text)
{
    int ends[2];
    if (pipe(ends) == -1)
        fail("pipe");
    if (fcntl(ends[1], F_SETFL, O_NONBLOCK) == -1)
        fail("fcntl");

    size_t length = strlen(text), passed = 0;
    char *back = malloc(length + 1);
    if (back == NULL)
        fail("malloc");
    while (passed < length) {
        size_t sent = fill(ends[1], text + passed, length - passed);
        drain(ends[0], back + passed, sent);
        passed += sent;
    }
    back[passed] = '\0'; /* It does not travel through the pipe */
    printf("%zu: %s\n", passed, back);

    free(back);
    if (close(ends[0]) == -1 || close(ends[1]) == -1)
        fail("close");
}

int main(int argc, char *argv[])
{
    if (argc < 2) {
        fprintf(stderr, "usage: pipe_self TEXT...\n");
        exit(2);
    }
    for (int i = 1; i < argc; i++)
        pass(argv[i]);
    if (fflush(stdout) == EOF)
        fail("write to standard output");
    return EXIT_SUCCESS;
}
