/* Also right: no lock. Each line is sent in chunks that fit into PIPE_BUF, each of them in one
   write(); the parent puts the chunks of each child together.

   Usage: atomic_log FILE...
*/
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct chunk {
    int number, last;
    size_t length;
    char bytes[PIPE_BUF - 16];
};

static void fail(const char *what)
{
    fprintf(stderr, "atomic_log: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void send_file(int number, const char *path, int to)
{
    struct chunk chunk = {.number = number};
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path);
    int byte, begun = 0;
    do {
        byte = getc(file);
        if (byte != EOF && byte != '\n')
            chunk.bytes[chunk.length++] = (char)byte;
        begun |= byte != EOF;
        chunk.last = begun && (byte == EOF || byte == '\n');
        if (!chunk.last && chunk.length < sizeof(chunk.bytes))
            continue;
        while (write(to, &chunk, sizeof(chunk)) == -1)
            if (errno != EINTR)
                fail("write");
        chunk.length = 0;
        if (chunk.last)
            begun = 0;
    } while (byte != EOF);
    if (ferror(file))
        fail(path);
    exit(0);
}

int main(int argc, char *argv[])
{
    struct line {
        char *bytes;
        size_t length;
    } *lines = calloc((size_t)argc, sizeof(*lines));
    int ends[2], status, failed = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: atomic_log FILE...\n");
        return 2;
    }
    if (lines == NULL || pipe(ends) == -1)
        fail("pipe");
    for (int i = 1; i < argc; i++) {
        pid_t child = fork();
        if (child == -1)
            fail("fork");
        if (child == 0)
            send_file(i, argv[i], ends[1]);
    }
    close(ends[1]);

    struct chunk chunk;
    size_t have = 0;
    long count = 0;
    for (ssize_t got; (got = read(ends[0], (char *)&chunk + have, sizeof(chunk) - have)) > 0;) {
        have += (size_t)got;
        if (have < sizeof(chunk))
            continue;
        have = 0;
        struct line *line = &lines[chunk.number];
        line->bytes = realloc(line->bytes, line->length + chunk.length + 1);
        if (line->bytes == NULL)
            fail("realloc");
        memcpy(line->bytes + line->length, chunk.bytes, chunk.length);
        line->length += chunk.length;
        if (!chunk.last)
            continue;
        printf("%d: ", chunk.number);
        fwrite(line->bytes, 1, line->length, stdout);
        putchar('\n');
        fflush(stdout);
        line->length = 0;
        count++;
    }
    printf("records: %ld\n", count);
    while (wait(&status) != -1)
        failed |= status;
    for (int i = 1; i < argc; i++)
        free(lines[i].bytes);
    free(lines);
    return failed != 0;
}
