/* Also right: reads whole lines with getline(), and tells by stat() whether it may use what is
   there, or remove it. The handlers are there before the FIFO.

   Usage: reader PATH
*/
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path;

static void clean_up(int sig)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISFIFO(status.st_mode))
        unlink(path);
    _exit(128 + sig);
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s PATH\n", argv[0]);
        return 2;
    }
    path = argv[1];
    signal(SIGINT, clean_up);
    signal(SIGTERM, clean_up);

    struct stat status;
    int made = mkfifo(path, 0600) == 0;
    int reason = errno;
    if (!made && !(reason == EEXIST && stat(path, &status) == 0 && S_ISFIFO(status.st_mode))) {
        fprintf(stderr, "%s: %s\n", path, strerror(reason));
        return 1;
    }

    FILE *fifo = fopen(path, "r");
    if (fifo == NULL) {
        perror(path);
        unlink(path);
        return 1;
    }
    char *line = NULL;
    size_t room = 0;
    for (ssize_t length; (length = getline(&line, &room, fifo)) != -1;) {
        if (line[length - 1] == '\n')
            line[--length] = '\0';
        printf("%s (%zd)\n", line, length);
    }
    int failed = ferror(fifo);
    if (failed)
        perror(path);
    free(line);
    fclose(fifo);
    unlink(path);
    return failed ? 1 : 0;
}
