/* MISTAKE: takes what MSG_WAITALL has brought for the whole message; after a stop it is a part.

   Have a child answer each line of standard input, over a socket pair.

   Usage: spair stream|dgram|seqpacket

   A message is a string with its NUL; on a stream, where there are no boundaries, its size comes
   before it. No bytes at all are the end.
*/
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int type, fd; /* Of the socket; our end of it */

static void fail(const char *what)
{
    fprintf(stderr, "spair: %s: %s\n", what, strerror(errno));
    close(fd);
    wait(NULL);
    exit(EXIT_FAILURE);
}

/* Return false if it is too long for one message. No EINTR: there is no handler. */
static bool send_message(const char *text)
{
    size_t size = strlen(text) + 1;
    if (type == SOCK_STREAM && send(fd, &size, sizeof(size), MSG_NOSIGNAL) == -1)
        fail("send");
    for (ssize_t put; size > 0; text += put, size -= (size_t)put)
        if ((put = send(fd, text, size, MSG_NOSIGNAL)) == -1) {
            if (errno == EMSGSIZE)
                return false;
            fail("send");
        }
    return true;
}

/* Return NULL if the other has ended. */
static char *receive_message(void)
{
    static char *text;
    ssize_t size;
    if (type == SOCK_STREAM) {
        if (recv(fd, &size, sizeof(size), MSG_WAITALL) != sizeof(size))
            return NULL;
    } else {
        size = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC); /* How long is the next one? */
    }
    if (size <= 0)
        return NULL;
    if ((text = realloc(text, (size_t)size)) == NULL)
        fail("realloc");
    ssize_t got = recv(fd, text, (size_t)size, type == SOCK_STREAM ? MSG_WAITALL : 0);
    return got > 0 ? text : NULL;
}

static void answer_lines(void)
{
    char *line;
    for (int number = 1; (line = receive_message()) != NULL; number++) {
        size_t length = strlen(line);
        char *answer = malloc(2 * length + 20);
        if (answer == NULL)
            fail("malloc");
        int end = sprintf(answer, "%d: %s ", number, line);
        while (length > 0)
            answer[end++] = line[--length];
        answer[end] = '\0';
        send_message(answer);
        free(answer);
    }
    exit(EXIT_SUCCESS);
}

static void ask_lines(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) != -1) {
        line[strcspn(line, "\n")] = '\0';
        bool sent = send_message(line);
        char *answer = sent ? receive_message() : NULL;
        if (sent && answer == NULL)
            fail("the child is gone");
        printf("%s\n", sent ? answer : "too long");
        fflush(stdout);
    }
    free(line);
    if (type == SOCK_DGRAM && send(fd, "", 0, 0) == -1) /* It does not tell that we close it */
        fail("send");
    close(fd);
}

int main(int argc, char *argv[])
{
    const char *name = argc == 2 ? argv[1] : "";
    int ends[2], status;
    type = strcmp(name, "stream") == 0 ? SOCK_STREAM : 0;
    type = strcmp(name, "dgram") == 0 ? SOCK_DGRAM : type;
    type = strcmp(name, "seqpacket") == 0 ? SOCK_SEQPACKET : type;
    if (type == 0) {
        fprintf(stderr, "usage: spair stream|dgram|seqpacket\n");
        exit(2);
    }
    if (socketpair(AF_UNIX, type, 0, ends) == -1)
        fail("socketpair");
    pid_t child = fork();
    if (child == -1)
        fail("fork");
    fd = ends[child == 0];
    close(ends[child != 0]); /* Or neither would hear that the other is gone */
    if (child == 0)
        answer_lines();
    ask_lines();
    return wait(&status) == child && status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
