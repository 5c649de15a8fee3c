/* MISTAKE: a signal that comes between the look at the variable and open() or read() has no effect.

   Create the FIFO PATH, copy each line that comes through it to standard output, followed
   by its length in bytes, and remove the FIFO when the last writer has left.

   Usage: reader PATH
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
static volatile sig_atomic_t ended; /* The signal that shall end the program */
static bool fifo_is_ours = false;   /* It is to be removed, whatever happens */

static void fail(const char *call)
{
    fprintf(stderr, "reader: %s %s: %s\n", call, path, strerror(errno));
    if (fifo_is_ours)
        unlink(path);
    exit(EXIT_FAILURE);
}

static void note_signal(int sig)
{
    ended = sig;
}

static void make_fifo(void)
{
    if (mkfifo(path, S_IRUSR | S_IWUSR) == -1) {
        if (errno != EEXIST)
            fail("mkfifo");

        /* A run that was killed may have left its FIFO; other files are not ours to touch. */
        struct stat status;
        if (lstat(path, &status) == -1)
            fail("lstat");
        errno = EEXIST;
        if (!S_ISFIFO(status.st_mode))
            fail("mkfifo");
    }
    fifo_is_ours = true;
}

/* Print a chunk; return how much of an unfinished line has been printed by now. */
static size_t print_chunk(const char *chunk, size_t size, size_t length)
{
    for (size_t i = 0; i < size; i++) {
        if (chunk[i] == '\n') {
            printf(" (%zu)\n", length);
            length = 0;
        } else {
            putchar(chunk[i]);
            length++;
        }
    }
    return length;
}

static void copy_lines(int fd)
{
    char chunk[4096];
    size_t length = 0; /* Of the line so far: it may have begun in an earlier chunk */

    while (!ended) {
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            fail("read");
        if (got == 0) /* The last writer has closed its end */
            break;
        length = print_chunk(chunk, (size_t)got, length);
    }
    if (length > 0 && !ended)
        printf(" (%zu)\n", length);
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: reader PATH\n");
        exit(2);
    }
    path = argv[1];

    /* No signal may come between making the FIFO and being ready to remove it. */
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    make_fifo();
    struct sigaction action = {.sa_handler = note_signal, .sa_mask = ending};
    if (sigaction(SIGINT, &action, NULL) == -1 || sigaction(SIGTERM, &action, NULL) == -1)
        fail("sigaction for");
    sigprocmask(SIG_UNBLOCK, &ending, NULL);

    int fd = -1;
    while (!ended && fd == -1)
        if ((fd = open(path, O_RDONLY)) == -1 && errno != EINTR)
            fail("open");
    if (fd != -1)
        copy_lines(fd);

    if (fflush(stdout) == EOF)
        fail("fflush of the lines from");
    if (unlink(path) == -1)
        fail("unlink");
    return ended ? 128 + ended : EXIT_SUCCESS;
}
