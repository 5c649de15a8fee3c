/* Also right: a stream for the FIFO, flushed after each line, and a handler for SIGPIPE.

   Usage: speak PATH
*/
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void do_nothing(int sig)
{
    (void)sig; /* It is enough that fflush() comes back, with EPIPE */
}

static FILE *wait_for_reader(const char *path)
{
    struct stat status;
    puts("waiting");
    if (stat(path, &status) == 0 && !S_ISFIFO(status.st_mode)) {
        fprintf(stderr, "%s: not a FIFO\n", path);
        exit(1);
    }
    int fd = open(path, O_WRONLY);
    FILE *fifo = fd == -1 ? NULL : fdopen(fd, "w");
    if (fifo == NULL) {
        perror(path);
        exit(1);
    }
    puts("reader");
    return fifo;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s PATH\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct sigaction action = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};
    sigaction(SIGPIPE, &action, NULL);

    FILE *fifo = wait_for_reader(argv[1]);
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) != -1)
        while (fputs(line, fifo) == EOF || fflush(fifo) == EOF) {
            if (errno != EPIPE) {
                perror(argv[1]);
                return 1;
            }
            puts("gone");
            fclose(fifo);
            fifo = wait_for_reader(argv[1]);
        }
    free(line);
    fclose(fifo);
    return 0;
}
