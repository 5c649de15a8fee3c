/* Also right: select(), a stream for IN, and OUT opened again only after EPIPE.

   Usage: relay IN OUT
*/
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

static void give_up(const char *path)
{
    fprintf(stderr, "relay: %s: %s\n", path, strerror(errno));
    exit(1);
}

static FILE *open_fifo(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    FILE *fifo = fd == -1 ? NULL : fdopen(fd, "r");
    if (fifo == NULL || fstat(fd, &status) == -1)
        give_up(path);
    errno = ENOTSUP;
    if (!S_ISFIFO(status.st_mode))
        give_up(path);
    setvbuf(fifo, NULL, _IONBF, 0);
    return fifo;
}

/* Return whether somebody has taken it. */
static int offer(const char *path, const char *line)
{
    static int fd = -1;
    if (fd == -1)
        fd = open(path, O_WRONLY | O_NONBLOCK);
    if (fd == -1 && errno != ENXIO)
        give_up(path);
    if (fd == -1)
        return 0;
    ssize_t put = write(fd, line, strlen(line));
    if (put == -1 && errno != EAGAIN && errno != EPIPE)
        give_up(path);
    if (put == -1 && errno == EPIPE) {
        close(fd);
        fd = -1;
    }
    return put != -1;
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: relay IN OUT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    fclose(open_fifo(argv[2]));
    FILE *in = open_fifo(argv[1]);
    printf("ready\n");
    fflush(stdout);

    char line[1002];
    size_t length = 0;
    long lines = 0, passed = 0;
    for (;;) {
        fd_set ready;
        FD_ZERO(&ready);
        FD_SET(STDIN_FILENO, &ready);
        FD_SET(fileno(in), &ready);
        if (select(fileno(in) + 1, &ready, NULL, NULL, NULL) == -1)
            give_up(argv[1]);
        if (FD_ISSET(STDIN_FILENO, &ready) && getchar() == EOF)
            break;
        if (!FD_ISSET(fileno(in), &ready))
            continue;

        int byte = getc(in);
        int ended = byte == EOF && feof(in);
        clearerr(in);
        if (byte != EOF)
            line[length++] = (char)byte;
        if (byte == '\n' || (ended && length > 0)) {
            strcpy(line + length, ended ? "\n" : "");
            passed += offer(argv[2], line);
            lines++;
            length = 0;
        }
        if (ended) {
            FILE *again = open_fifo(argv[1]);
            fclose(in);
            in = again;
            printf("gone\n");
            fflush(stdout);
        }
    }
    printf("passed: %ld, dropped: %ld\n", passed, lines - passed);
    return 0;
}
