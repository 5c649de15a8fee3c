/* MISTAKE: the lines stay in the buffer of a stream.

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
static FILE *open_fifo(void)
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
    FILE *fifo = fdopen(fd, "w");
    if (fifo == NULL)
        fail("fdopen");
    return fifo;
}

/* Write all of it; return false if nobody reads any more. */
static bool write_line(FILE *fifo, const char *line)
{
    if (fputs(line, fifo) != EOF)
        return true;
    if (errno != EPIPE)
        fail("write");
    return false;
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

    FILE *fifo = open_fifo();
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) != -1)
        while (!write_line(fifo, line)) {
            say("gone");
            fclose(fifo);
            fifo = open_fifo();
        }
    if (ferror(stdin))
        fail("read from standard input, for");
    free(line);
    if (fclose(fifo) == EOF)
        fail("close");
    return EXIT_SUCCESS;
}
