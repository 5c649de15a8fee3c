/* Also right: waits with poll() for a line or for the reader's leaving, whichever comes first, and
   keeps what it has read in a buffer of its own.

   Usage: speak PATH
*/
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path;
static int fifo = -1;

static void check(int well, const char *call)
{
    if (well)
        return;
    fprintf(stderr, "speak: %s: %s: %s\n", call, path, strerror(errno));
    exit(1);
}

static void wait_for_reader(void)
{
    struct stat status;
    dprintf(STDOUT_FILENO, fifo == -1 ? "waiting\n" : "gone\nwaiting\n");
    if (fifo != -1)
        close(fifo);
    fifo = open(path, O_WRONLY);
    check(fifo != -1 && fstat(fifo, &status) == 0, "open");
    errno = ENOTSUP;
    check(S_ISFIFO(status.st_mode), "not a FIFO");
    dprintf(STDOUT_FILENO, "reader\n");
}

static void write_line(const char *line, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t put = write(fifo, line + done, length - done);
        check(put != -1 || errno == EPIPE, "write");
        if (put == -1)
            wait_for_reader();
        done = put == -1 ? 0 : done + (size_t)put;
    }
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: speak PATH\n");
        return 2;
    }
    path = argv[1];
    signal(SIGPIPE, SIG_IGN);
    wait_for_reader();

    char *held = NULL;
    size_t have = 0, room = 0;
    for (;;) {
        struct pollfd both[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = fifo}};
        check(poll(both, 2, -1) != -1, "poll");
        if (both[0].revents == 0) { /* POLLERR of the other: nobody reads */
            wait_for_reader();
            continue;
        }
        if (have == room)
            held = realloc(held, room = 2 * room + 1024);
        check(held != NULL, "realloc");
        ssize_t got = read(STDIN_FILENO, held + have, room - have);
        check(got != -1, "read");
        if (got == 0)
            break;
        have += (size_t)got;

        size_t begin = 0;
        for (size_t i = have - (size_t)got; i < have; i++)
            if (held[i] == '\n') {
                write_line(held + begin, i + 1 - begin);
                begin = i + 1;
            }
        memmove(held, held + begin, have - begin);
        have -= begin;
    }
    write_line(held, have);
    free(held);
    return 0;
}
