/* Also right: header and text in one sendmsg(), also on a stream, where poll() and FIONREAD tell
   how much there is; a pidfd wakes the parent when its child has died, whatever the socket.

   Usage: spair stream|dgram|seqpacket
*/
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct message {
    uint32_t length;
    char text[];
};

static int fd, other = -1; /* A pidfd of the child */

/* The message stays where it is until all of it has come; return NULL at the end. */
static struct message *receive(void)
{
    size_t have = 0, size = sizeof(struct message);
    struct message *message = NULL;
    for (;;) {
        struct pollfd both[] = {{fd, POLLIN, 0}, {other, POLLIN, 0}};
        if (poll(both, 2, -1) == -1)
            return NULL;
        int waiting = 0;
        if (ioctl(fd, FIONREAD, &waiting) == -1 || waiting == 0)
            return NULL; /* Woken, and nothing there: the other has gone */
        message = realloc(message, sizeof(*message) + have + (size_t)waiting + 1);
        if (message == NULL)
            return NULL;
        ssize_t got = recv(fd, (char *)message + have, (size_t)waiting, 0);
        if (got <= 0)
            return NULL;
        have += (size_t)got;
        if (have >= size)
            size = sizeof(*message) + message->length;
        if (have >= size && have >= sizeof(*message))
            break;
    }
    message->text[message->length] = '\0';
    return message;
}

static int send_text(char *text, uint32_t length)
{
    struct iovec parts[] = {{&length, sizeof(length)}, {text, length}};
    struct msghdr all = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t put = sendmsg(fd, &all, MSG_NOSIGNAL);
    if (put == -1)
        return -1;
    for (size_t done = (size_t)put; done < sizeof(length) + length; done += (size_t)put) {
        put =
            send(fd, text + (done - sizeof(length)), length + sizeof(length) - done, MSG_NOSIGNAL);
        if (put == -1)
            return -1;
    }
    return 0;
}

static void serve(void)
{
    struct message *message;
    for (int number = 1; (message = receive()) != NULL && message->length > 0; number++) {
        size_t length = message->length - 1; /* It ends in a full stop, which is no part of it */
        char *answer = malloc(2 * length + 30);
        if (answer == NULL)
            _exit(1);
        uint32_t end = (uint32_t)sprintf(answer, "%d: %.*s ", number, (int)length, message->text);
        while (length > 0)
            answer[end++] = message->text[--length];
        send_text(answer, end);
        free(answer);
        free(message);
    }
    _exit(0);
}

int main(int argc, char *argv[])
{
    const char *const names[] = {"stream", "dgram", "seqpacket"};
    const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    int which = 0, ends[2], status;
    while (which < 3 && (argc != 2 || strcmp(argv[1], names[which]) != 0))
        which++;
    if (which == 3) {
        fprintf(stderr, "usage: %s stream|dgram|seqpacket\n", argv[0]);
        return 2;
    }
    if (socketpair(AF_UNIX, types[which] | SOCK_CLOEXEC, 0, ends) == -1) {
        perror("socketpair");
        return 1;
    }
    pid_t child = fork();
    if (child == -1) {
        perror("fork");
        return 1;
    }
    fd = ends[child != 0];
    close(ends[child == 0]);
    if (child == 0)
        serve();
    other = (int)syscall(SYS_pidfd_open, child, 0);

    char *line = NULL;
    size_t room = 0;
    for (ssize_t length; (length = getline(&line, &room, stdin)) != -1;) {
        length = (ssize_t)strcspn(line, "\n");
        line[length] = '.';
        struct message *answer = NULL;
        int refused = send_text(line, (uint32_t)length + 1) == -1 && errno == EMSGSIZE;
        if (!refused && (answer = receive()) == NULL) {
            fprintf(stderr, "spair: the child has ended\n");
            waitpid(child, NULL, 0);
            return 1;
        }
        printf("%s\n", refused ? "too long" : answer->text);
        fflush(stdout);
        free(answer);
    }
    free(line);
    send_text(NULL, 0);
    close(fd);
    return waitpid(child, &status, 0) == -1 || status != 0;
}
