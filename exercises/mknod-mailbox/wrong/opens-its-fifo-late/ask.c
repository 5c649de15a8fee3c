/* MISTAKE: opens its FIFO when it has asked; a quick server finds no reader there.

   A client of mailbox: have TEXT written in capital letters, COUNT times.

   Usage: ask DIR COUNT TEXT
*/
#define _GNU_SOURCE /* For asprintf() */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *reply_path;

static void fail(const char *path)
{
    fprintf(stderr, "ask: %s: %s\n", path, strerror(errno));
    unlink(reply_path);
    exit(EXIT_FAILURE);
}

static void clean_up(int sig)
{
    unlink(reply_path);
    _exit(128 + sig);
}

/* Make the FIFO for the answer, ready to be removed by a signal. */
static void make_fifo(void)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    unlink(reply_path); /* Of a process that had our number, and was killed */
    if (mkfifo(reply_path, S_IRUSR | S_IWUSR) == -1)
        fail(reply_path);
    struct sigaction action = {.sa_handler = clean_up, .sa_mask = ending};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigprocmask(SIG_UNBLOCK, &ending, NULL);
}

static void send_request(const char *dir, const char *count, const char *text)
{
    char *path, *request;
    int length = asprintf(&request, "reply.%d %s %s\n", (int)getpid(), count, text);
    if (length == -1 || asprintf(&path, "%s/request", dir) == -1)
        fail("out of memory");
    int fd = open(path, O_WRONLY | O_NONBLOCK); /* ENXIO: there is no server */
    if (fd == -1)
        fail(path);
    fcntl(fd, F_SETFL, 0);
    if (write(fd, request, (size_t)length) != length)
        fail(path);
    close(fd);
    free(request);
    free(path);
}

int main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: ask DIR COUNT TEXT\n");
        exit(2);
    }
    if (asprintf(&reply_path, "%s/reply.%d", argv[1], (int)getpid()) == -1)
        exit(EXIT_FAILURE);
    make_fifo();
    signal(SIGPIPE, SIG_IGN);
    send_request(argv[1], argv[2], argv[3]);
    int fd = open(reply_path, O_RDONLY | O_NONBLOCK);
    if (fd == -1)
        fail(reply_path);

    /* read() would tell the end at once until the server has come: poll() waits for it. */
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    if (poll(&answer, 1, -1) == -1)
        fail("poll");
    fcntl(fd, F_SETFL, 0);
    char chunk[4096];
    for (ssize_t got; (got = read(fd, chunk, sizeof(chunk))) != 0;) {
        if (got == -1)
            fail(reply_path);
        if (fwrite(chunk, 1, (size_t)got, stdout) != (size_t)got)
            fail("standard output");
    }
    if (fflush(stdout) == EOF)
        fail("standard output");
    if (unlink(reply_path) == -1)
        fail(reply_path);
    return EXIT_SUCCESS;
}
