/* Also right: open() and write() never wait, poll() does, for the bytes of FILE and for room in the
   pipe. Only who has the lock on a file that each child opens for itself may write a record.

   Usage: atomic_log FILE...
*/
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];

static void fail(const char *what)
{
    fprintf(stderr, "atomic_log: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void wait_for(int fd, short events)
{
    struct pollfd poll_fd = {fd, events, 0};
    if (poll(&poll_fd, 1, -1) == -1 && errno != EINTR)
        fail("poll");
}

static void write_all(const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(ends[1], bytes, size);
        if (put == -1 && errno == EAGAIN)
            wait_for(ends[1], POLLOUT);
        else if (put == -1 && errno != EINTR)
            fail("write to a pipe");
        if (put > 0) {
            bytes += put;
            size -= (size_t)put;
        }
    }
}

/* A record is "I: " and the line with its newline. */
static void send_record(int number, const char *line, size_t length, int lock)
{
    char mark[16];
    int size = snprintf(mark, sizeof(mark), "%d: ", number);
    while (flock(lock, LOCK_EX) == -1)
        if (errno != EINTR)
            fail("flock");
    write_all(mark, (size_t)size);
    write_all(line, length);
    if (line[length - 1] != '\n')
        write_all("\n", 1);
    flock(lock, LOCK_UN);
}

static void send_lines(int number, const char *path)
{
    close(ends[0]);
    int file = open(path, O_RDONLY | O_NONBLOCK), lock = open("/proc/self/exe", O_RDONLY);
    if (file == -1)
        fail(path);
    if (lock == -1)
        fail("/proc/self/exe");
    char *text = NULL;
    size_t used = 0, room = 0;
    for (;;) {
        if (used == room && (text = realloc(text, room = 2 * room + 4096)) == NULL)
            fail("realloc");
        wait_for(file, POLLIN); /* A FIFO that nobody has opened yet is not at its end for poll() */
        ssize_t got = read(file, text + used, room - used);
        if (got == -1 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got == -1)
            fail(path);
        if (got == 0)
            break;
        char *line = text, *newline = memchr(text + used, '\n', (size_t)got);
        used += (size_t)got;
        while (newline != NULL) {
            send_record(number, line, (size_t)(newline + 1 - line), lock);
            line = newline + 1;
            newline = memchr(line, '\n', (size_t)(text + used - line));
        }
        used -= (size_t)(line - text);
        memmove(text, line, used);
    }
    if (used > 0)
        send_record(number, text, used, lock);
    free(text);
    exit(EXIT_SUCCESS);
}

int main(int argc, char *argv[])
{
    if (argc < 2) {
        fprintf(stderr, "usage: atomic_log FILE...\n");
        exit(2);
    }
    if (pipe(ends) == -1 || fcntl(ends[1], F_SETFL, O_NONBLOCK) == -1)
        fail("pipe");
    for (int i = 1; i < argc; i++) {
        pid_t child = fork();
        if (child == -1)
            fail("fork");
        if (child == 0)
            send_lines(i, argv[i]);
    }
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    if (in == NULL)
        fail("fdopen");
    char *record = NULL;
    size_t room = 0;
    long count = 0;
    for (; getline(&record, &room, in) != -1; count++) {
        fputs(record, stdout);
        fflush(stdout);
    }
    free(record);
    fclose(in);

    int status, failed = 0;
    while (wait(&status) != -1)
        failed += status != 0;
    printf("records: %ld\n", count);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
