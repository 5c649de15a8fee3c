/* MISTAKE: a child takes whatever ends its reading for the end of its FILE.

   A child for each FILE sends its lines through one pipe; the parent prints them.

   Usage: atomic_log FILE...

   A record in the pipe is a header and the line's bytes. A second pipe holds one byte, the token:
   only who has taken it out may write a record.
*/
#include <errno.h>
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
    free(line);
    fclose(file);
    exit(EXIT_SUCCESS);
}

/* fread() goes on reading until it has as much as was asked for, or the pipe is at its end. */
static long print_records(void)
{
    FILE *pipe_end = fdopen(records[0], "r");
    if (pipe_end == NULL)
        fail("fdopen");
    struct header header;
    long count = 0;
    while (fread(&header, sizeof(header), 1, pipe_end) == 1) {
        char *line = malloc(header.length + 1);
        if (line == NULL)
            fail("malloc");
        if (fread(line, 1, header.length, pipe_end) != header.length)
            break; /* Its writer was killed */
        line[header.length] = '\0';
        printf("%d: %s\n", header.number, line);
        fflush(stdout);
        free(line);
        count++;
    }
    fclose(pipe_end);
    return count;
}

int main(int argc, char *argv[])
{
    if (argc < 2) {
        fprintf(stderr, "usage: atomic_log FILE...\n");
        exit(2);
    }
    if (pipe(records) == -1 || pipe(token) == -1)
        fail("pipe");
    write_all(token[1], "", 1);
    for (int i = 1; i < argc; i++) {
        pid_t child = fork();
        if (child == -1)
            fail("fork");
        if (child == 0)
            send_lines(i, argv[i]);
    }
    close(records[1]); /* Or the end would never come */
    printf("records: %ld\n", print_records());

    int status, failed = 0;
    while (wait(&status) != -1)
        failed += status != 0;
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
