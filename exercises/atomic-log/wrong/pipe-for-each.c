/* MISTAKE: there is a pipe for each child.

   A child for each FILE sends its lines through one pipe; the parent prints them.

   Usage: atomic_log FILE...

   A record in the pipe is a header and the line's bytes. A second pipe holds one byte, the token:
   only who has taken it out may write a record.
*/
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct header {
    int number; /* Of the FILE */
    size_t length;
};

static int records[2], token[2];
static struct pollfd *ends;

static void fail(const char *call)
{
    fprintf(stderr, "atomic_log: %s: %s\n", call, strerror(errno));
    exit(EXIT_FAILURE);
}

static void write_all(int fd, const void *data, size_t size)
{
    const char *bytes = data;
    while (size > 0) {
        ssize_t put = write(fd, bytes, size);
        if (put == -1 && errno != EINTR)
            fail("write to a pipe");
        if (put > 0) { /* It may be only a part */
            bytes += put;
            size -= (size_t)put;
        }
    }
}

static void send_lines(int number, const char *path)
{
    close(records[0]); /* If the parent dies, nobody reads any more */
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path);
    char *line = NULL, byte;
    size_t room = 0;
    for (ssize_t got; (got = getline(&line, &room, file)) != -1;) {
        bool ended = line[got - 1] == '\n';
        struct header header = {number, (size_t)got - ended};
        while (read(token[0], &byte, 1) != 1) /* Sleep until it is there */
            continue;
        write_all(records[1], &header, sizeof(header));
        write_all(records[1], line, header.length);
        write_all(token[1], "", 1);
    }
    if (ferror(file))
        fail(path);
    free(line);
    fclose(file);
    exit(EXIT_SUCCESS);
}

static bool read_all(int fd, void *data, size_t size)
{
    char *bytes = data;
    while (size > 0) {
        ssize_t got = read(fd, bytes, size);
        if (got <= 0)
            return false;
        bytes += got;
        size -= (size_t)got;
    }
    return true;
}

static long print_records(int files)
{
    struct header header;
    long count = 0;
    for (int open = files; open > 0;) {
        if (poll(ends, (nfds_t)files, -1) == -1)
            fail("poll");
        int which = 0;
        while (ends[which].revents == 0)
            which++;
        if (!read_all(ends[which].fd, &header, sizeof(header))) {
            ends[which].fd = -1;
            open--;
            continue;
        }
        char *line = malloc(header.length + 1);
        if (line == NULL)
            fail("malloc");
        if (!read_all(ends[which].fd, line, header.length))
            break; /* Its writer was killed */
        line[header.length] = '\0';
        printf("%d: %s\n", header.number, line);
        fflush(stdout);
        free(line);
        count++;
    }
    return count;
}

int main(int argc, char *argv[])
{
    if (argc < 2) {
        fprintf(stderr, "usage: atomic_log FILE...\n");
        exit(2);
    }
    ends = calloc((size_t)argc, sizeof(*ends));
    if (ends == NULL || pipe(token) == -1)
        fail("pipe");
    write_all(token[1], "", 1);
    for (int i = 1; i < argc; i++) {
        if (pipe(records) == -1)
            fail("pipe");
        pid_t child = fork();
        if (child == -1)
            fail("fork");
        if (child == 0)
            send_lines(i, argv[i]);
        close(records[1]); /* Or the end would never come */
        ends[i - 1] = (struct pollfd){records[0], POLLIN, 0};
    }
    printf("records: %ld\n", print_records(argc - 1));
    free(ends);

    int status, failed = 0;
    while (wait(&status) != -1)
        failed += status != 0;
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
