/* Also right: a child answers each request, mknod() makes the FIFO, and the server keeps a second
   descriptor for writing to it.

   Usage: mailbox DIR
*/
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[4096];
static int is_child;

static void stop(int sig)
{
    (void)sig;
    if (!is_child)
        unlink(path);
    _exit(0);
}

static int answer(int dir, char *line)
{
    char *save, *name = strtok_r(line, " ", &save), *count = strtok_r(NULL, " ", &save);
    struct stat status;
    if (count == NULL || strchr(name, '/') != NULL || strcmp(name, "request") == 0)
        return 0;
    if (fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISFIFO(status.st_mode))
        return 0;
    int fd = openat(dir, name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
    if (fd == -1)
        return 0;
    fcntl(fd, F_SETFL, 0);
    for (char *letter = save; *letter != '\0'; letter++)
        *letter = (char)toupper((unsigned char)*letter);
    for (long n = atol(count); n > 0; n--)
        if (dprintf(fd, "%s\n", save) < 0) /* Or SIGPIPE ends this child */
            return 0;
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof(path), "%s/request", argv[1]);
    struct sigaction action = {.sa_handler = stop}, ignored = {.sa_handler = SIG_IGN};
    struct stat status;
    if (mknod(path, S_IFIFO | 0600, 0) == -1) {
        if (lstat(path, &status) == -1 || !S_ISFIFO(status.st_mode) ||
            open(path, O_WRONLY | O_NONBLOCK) != -1) {
            fprintf(stderr, "mailbox: cannot have %s\n", path);
            return 1;
        }
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGCHLD, &ignored, NULL); /* The kernel reaps the children */
    int dir = open(argv[1], O_RDONLY | O_DIRECTORY);
    int fd = open(path, O_RDONLY | O_NONBLOCK), keep = open(path, O_WRONLY);
    FILE *requests = fd == -1 ? NULL : fdopen(fd, "r");
    if (dir == -1 || keep == -1 || requests == NULL) {
        perror(path);
        return 1;
    }
    fcntl(fd, F_SETFL, 0);
    puts("ready");
    fflush(stdout);

    char line[5000];
    while (fgets(line, sizeof(line), requests) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        pid_t child = fork();
        if (child == -1)
            perror("mailbox: fork"); /* This client will not get an answer */
        is_child = child == 0;
        if (is_child)
            _exit(answer(dir, line));
    }
    return 1;
}
