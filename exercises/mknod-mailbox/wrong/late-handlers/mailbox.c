/* MISTAKE: installs its handlers when it has said that it is ready.

   A server that reads requests from the FIFO DIR/request and answers each in its client's FIFO.

   Usage: mailbox DIR
*/
#define _GNU_SOURCE /* For asprintf() */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *path; /* Of the FIFO for requests */

static void fail(const char *what)
{
    fprintf(stderr, "mailbox: %s: %s\n", path, what);
    exit(EXIT_FAILURE);
}

static void clean_up(int sig)
{
    (void)sig;
    unlink(path);
    _exit(EXIT_SUCCESS);
}

static void make_fifo(void)
{
    if (mkfifo(path, S_IRUSR | S_IWUSR) == 0)
        return;
    struct stat status;
    if (errno != EEXIST || lstat(path, &status) == -1)
        fail(strerror(errno));
    if (!S_ISFIFO(status.st_mode))
        fail("not a FIFO");

    /* A server that was killed has left it; or does one read from it now? */
    if (open(path, O_WRONLY | O_NONBLOCK) != -1)
        fail("another server uses it");
    if (errno != ENXIO)
        fail(strerror(errno));
}

static void answer(const char *dir, const char *name, long count, const char *text)
{
    char *reply_path;
    if (asprintf(&reply_path, "%s/%s", dir, name) == -1)
        fail("out of memory");

    /* O_NONBLOCK: a client that lives is reading already, and a dead one is not waited for. */
    int fd = open(reply_path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
    free(reply_path);
    if (fd == -1)
        return;
    struct stat status;
    if (fstat(fd, &status) == -1 || !S_ISFIFO(status.st_mode) || fcntl(fd, F_SETFL, 0) == -1) {
        close(fd);
        return;
    }
    FILE *reply = fdopen(fd, "w");
    if (reply == NULL)
        fail("out of memory");
    while (count-- > 0 && fprintf(reply, "%s\n", text) >= 0) /* Less than 0: it has died */
        continue;
    fclose(reply);
}

static void serve(const char *dir, char *line)
{
    char name[201];
    long count;
    int end = 0;
    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "%200s %ld%n", name, &count, &end) != 2 || line[end] != ' ')
        return;
    if (strchr(name, '/') != NULL || strcmp(name, "request") == 0)
        return;
    for (char *letter = line + end; *letter != '\0'; letter++)
        *letter = (char)toupper((unsigned char)*letter);
    answer(dir, name, count, line + end + 1);
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: mailbox DIR\n");
        exit(2);
    }
    if (asprintf(&path, "%s/request", argv[1]) == -1)
        exit(EXIT_FAILURE);

    signal(SIGPIPE, SIG_IGN); /* A client may die while it is being answered */
    make_fifo();
    int fd = open(path, O_RDWR); /* As a writer, too: so it does not end when a client goes */
    FILE *requests = fd == -1 ? NULL : fdopen(fd, "r");
    if (requests == NULL)
        fail(strerror(errno));
    printf("ready\n");
    fflush(stdout);
    struct sigaction action = {.sa_handler = clean_up};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, requests) != -1)
        serve(argv[1], line);
    fail("no more requests can be read");
}
