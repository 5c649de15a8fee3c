/* MISTAKE: the parent converts the text itself; there is no child.

   Send standard input to a child process through a pipe, and print what it sends back through
   another one: the same with the letters a to z in upper case.

   Usage: pipe_fork
*/
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void complain(const char *call)
{
    fprintf(stderr, "pipe_fork: %s: %s\n", call, strerror(errno));
}

static void fail(const char *call)
{
    complain(call);
    exit(EXIT_FAILURE);
}

/* write() may take a part of it only. */
static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written == -1)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

static void convert(char *chunk, ssize_t size)
{
    for (ssize_t i = 0; i < size; i++)
        if (chunk[i] >= 'a' && chunk[i] <= 'z')
            chunk[i] = (char)(chunk[i] - 'a' + 'A');
}

/* As many bytes come back as were sent, and no more are sent before they have: so neither pipe
   ever holds more than a chunk, and nobody waits for room in it. */
static bool exchange(int to, int from, char *chunk, size_t size)
{
    if (!write_all(to, chunk, size)) {
        complain("write to the child");
        return false;
    }
    for (ssize_t got; size > 0; size -= (size_t)got) {
        got = read(from, chunk, size);
        if (got == 0) /* The child has gone: its status will tell how */
            return false;
        if (got == -1 || !write_all(STDOUT_FILENO, chunk, (size_t)got)) {
            complain("pass on what came from the child");
            return false;
        }
    }
    return true;
}

int main(void)
{
    int back[2];
    if (pipe(back) == -1)
        fail("pipe");

    char chunk[4096];
    bool well = true;
    ssize_t got;
    while (well && (got = read(STDIN_FILENO, chunk, sizeof(chunk))) != 0) {
        if (got == -1)
            complain("read from standard input");
        convert(chunk, got);
        well = got > 0 && exchange(back[1], back[0], chunk, (size_t)got);
    }
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
