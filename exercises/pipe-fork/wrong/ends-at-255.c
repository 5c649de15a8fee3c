/* MISTAKE: the child keeps what getc() returns in a char, and the byte 255 looks like EOF.

   Send standard input to a child process through a pipe, and print what it sends back through
   another one: the same with the letters a to z in upper case.

   Usage: pipe_fork
*/
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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

/* The child: its input ends when nobody has the other end of the pipe open for writing any more. */
static void convert(int from, int to)
{
    FILE *in = fdopen(from, "r");
    if (in == NULL)
        _exit(EXIT_FAILURE);
    char letter;
    while ((letter = (char)getc(in)) != EOF) {
        if (letter >= 'a' && letter <= 'z')
            letter = (char)(letter - 'a' + 'A');
        if (!write_all(to, &letter, 1))
            _exit(EXIT_FAILURE);
    }
    _exit(ferror(in) ? EXIT_FAILURE : EXIT_SUCCESS);
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
    int there[2], back[2];
    if (pipe(there) == -1 || pipe(back) == -1)
        fail("pipe");
    pid_t child = fork();
    if (child == -1)
        fail("fork");
    if (child == 0) {
        close(there[1]); /* Or it would wait for ever for its own writing */
        close(back[0]);
        convert(there[0], back[1]);
    }
    close(there[0]);
    close(back[1]);

    signal(SIGPIPE, SIG_IGN); /* write() tells by EPIPE that the child has gone */
    char chunk[4096];
    bool well = true;
    ssize_t got;
    while (well && (got = read(STDIN_FILENO, chunk, sizeof(chunk))) != 0) {
        if (got == -1)
            complain("read from standard input");
        well = got > 0 && exchange(there[1], back[0], chunk, (size_t)got);
    }

    close(there[1]); /* The end of the child's input */
    close(back[0]);
    int status;
    if (waitpid(child, &status, 0) == -1)
        fail("waitpid");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS) {
        fprintf(stderr, "pipe_fork: the child has failed\n");
        return EXIT_FAILURE;
    }
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
