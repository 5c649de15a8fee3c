/* Also right: a newline ends each message; a stream has a FILE, and messages a static buffer.

   Usage: spair stream|dgram|seqpacket
*/
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char message[250000];
static FILE *in, *out; /* Of a stream */

/* Return what has come, up to its newline; NULL at the end. */
static char *get(int fd)
{
    static char *line;
    static size_t room;
    if (in != NULL) {
        ssize_t length = getline(&line, &room, in);
        if (length < 1 || line[length - 1] != '\n')
            return NULL;
        line[length - 1] = '\0';
        return line;
    }
    ssize_t got = read(fd, message, sizeof(message));
    if (got < 1)
        return NULL;
    message[got - 1] = '\0';
    return message;
}

static int put(int fd, const char *line, size_t length)
{
    if (out != NULL)
        return fwrite(line, 1, length, out) == length && fflush(out) == 0 ? 0 : -1;
    return write(fd, line, length) == -1 ? -1 : 0;
}

static int serve(int fd)
{
    int number = 0;
    for (char *line; (line = get(fd)) != NULL && strcmp(line, "\001") != 0;) {
        size_t length = strlen(line), size = 2 * length + 30;
        char *answer = malloc(size);
        if (answer == NULL)
            return 1;
        size_t end = (size_t)snprintf(answer, size, "%d: %s ", ++number, line);
        for (size_t i = 0; i < length; i++)
            answer[end++] = line[length - 1 - i];
        answer[end++] = '\n';
        if (put(fd, answer, end) == -1)
            return 1;
        free(answer);
    }
    return 0;
}

static int ask(int fd)
{
    char *line = NULL;
    size_t room = 0;
    for (ssize_t got; (got = getline(&line, &room, stdin)) > 0;) {
        size_t length = strcspn(line, "\n");
        char *request = malloc(length + 2);
        if (request == NULL)
            return 1;
        memcpy(request, line, length);
        memcpy(request + length, "\n", 2);
        char *answer = "too long";
        if (put(fd, request, length + 1) == 0)
            answer = get(fd);
        else if (errno != EMSGSIZE)
            answer = NULL;
        free(request);
        if (answer == NULL)
            return 1;
        puts(answer);
        fflush(stdout);
    }
    free(line);
    return put(fd, "\001\n", 2) == -1;
}

int main(int argc, char *argv[])
{
    int ends[2], status,
        type = argc != 2                           ? 0
               : strcmp(argv[1], "stream") == 0    ? SOCK_STREAM
               : strcmp(argv[1], "dgram") == 0     ? SOCK_DGRAM
               : strcmp(argv[1], "seqpacket") == 0 ? SOCK_SEQPACKET
                                                   : 0;
    if (type == 0) {
        fprintf(stderr, "usage: %s stream|dgram|seqpacket\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    if (socketpair(AF_UNIX, type, 0, ends) == -1) {
        perror("socketpair");
        return 1;
    }
    pid_t child = fork();
    if (child == -1) {
        perror("fork");
        return 1;
    }
    int fd = ends[child == 0];
    close(ends[child != 0]);
    if (type == SOCK_STREAM) {
        in = fdopen(fd, "r");
        out = fdopen(dup(fd), "w");
    }
    if (child == 0)
        _exit(serve(fd));
    int failed = ask(fd);
    if (out != NULL)
        fclose(out);
    close(fd);
    waitpid(child, &status, 0);
    if (failed || status != 0)
        fprintf(stderr, "spair: the child is gone\n");
    return failed || status != 0;
}
