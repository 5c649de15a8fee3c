/* Also right: signals are taken by a descriptor and waited for together with requests; raw reads;
   the FIFO is opened again, before the old descriptor is closed, when all clients have left.

   Usage: mailbox DIR
*/
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[5000];

static void give_up(const char *what)
{
    fprintf(stderr, "mailbox: %s: %s (%s)\n", path, what, strerror(errno));
    exit(1);
}

static void put(int fd, const char *bytes, size_t size)
{
    for (ssize_t done; size > 0; bytes += done, size -= (size_t)done)
        if ((done = write(fd, bytes, size)) == -1)
            return;
}

static void handle(const char *dir, char *line)
{
    char name[4097], mine[10000];
    long count;
    int at;
    struct stat before, after;
    if (sscanf(line, "%4096s %ld%n", name, &count, &at) < 2 || line[at++] != ' ')
        return;
    snprintf(mine, sizeof(mine), "%s/%s", dir, name);
    if (strpbrk(name, "/") != NULL || strcmp(mine, path) == 0)
        return;
    if (lstat(mine, &before) == -1 || !S_ISFIFO(before.st_mode))
        return;
    int fd = open(mine, O_WRONLY | O_NONBLOCK);
    if (fd == -1)
        return;
    if (fstat(fd, &after) == 0 && after.st_ino == before.st_ino && after.st_dev == before.st_dev) {
        size_t length = strlen(line + at);
        for (size_t i = 0; i < length; i++)
            line[at + (int)i] = (char)toupper((unsigned char)line[at + (int)i]);
        fcntl(fd, F_SETFL, 0);
        line[at + (int)length] = '\n';
        errno = 0;
        while (count-- > 0 && errno == 0)
            put(fd, line + at, length + 1);
    }
    close(fd);
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: mailbox DIR\n");
        return 2;
    }
    snprintf(path, sizeof(path), "%s/request", argv[1]);
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct stat status;
    if (mkfifo(path, 0600) == -1) {
        if (errno != EEXIST || lstat(path, &status) == -1 || !S_ISFIFO(status.st_mode))
            give_up("cannot be made");
        if (open(path, O_WRONLY | O_NONBLOCK) != -1)
            give_up("has a server");
    }
    struct pollfd both[] = {{signalfd(-1, &ending, 0), POLLIN, 0}, {-1, POLLIN, 0}};
    both[1].fd = open(path, O_RDONLY | O_NONBLOCK);
    if (both[0].fd == -1 || both[1].fd == -1)
        give_up("cannot be opened");
    dprintf(STDOUT_FILENO, "ready\n");

    char held[8192], *newline;
    size_t have = 0;
    while (poll(both, 2, -1) > 0 && both[0].revents == 0) {
        ssize_t got = read(both[1].fd, held + have, sizeof(held) - have);
        have += got > 0 ? (size_t)got : 0;
        if (got == 0) {
            int again = open(path, O_RDONLY | O_NONBLOCK);
            close(both[1].fd);
            both[1].fd = again;
            have = 0;
        }
        while ((newline = memchr(held, '\n', have)) != NULL) {
            char line[sizeof(held) + 1];
            size_t length = (size_t)(newline + 1 - held);
            memcpy(line, held, length);
            line[length - 1] = '\0';
            line[length] = '\0';
            handle(argv[1], line);
            memmove(held, newline + 1, have -= length);
        }
        if (have == sizeof(held))
            have = 0;
    }
    unlink(path);
    return 0;
}
