/* kirk.c

   No stdio: read() and write().

   Usage: kirk KEY
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <unistd.h>

static int id;
static char *key;

static void answer(const char *text)
{
    if (write(STDOUT_FILENO, text, strlen(text)) == -1)
        exit(1);
}

static void send(const char *line, size_t size)
{
    struct {
        long type;
        char text[200];
    } order = {.type = 2};
    if (size == 3 && memcmp(line, "bye", 3) == 0) {
        order.type = 3;
        size = 0;
    } else if (size > 0 && line[0] == '!') {
        order.type = 1;
        line++;
        size--;
    }
    if (size > sizeof(order.text)) {
        answer("too long\n");
        return;
    }
    memcpy(order.text, line, size);
    if (msgsnd(id, &order, size, IPC_NOWAIT) == 0) {
        answer("sent\n");
    } else if (errno == EAGAIN) {
        answer("full\n");
    } else {
        fprintf(stderr, "kirk: msgsnd %s: %s\n", key, strerror(errno));
        exit(1);
    }
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: kirk KEY\n");
        return 2;
    }
    key = argv[1];
    if ((id = msgget((key_t)strtoul(key, NULL, 0), 0)) == -1) {
        fprintf(stderr, "kirk: msgget %s: %s\n", key, strerror(errno));
        return 1;
    }
    char buffer[4096], *newline;
    size_t have = 0;
    for (ssize_t got; (got = read(STDIN_FILENO, buffer + have, sizeof(buffer) - have)) > 0;) {
        have += (size_t)got;
        char *line = buffer;
        while ((newline = memchr(line, '\n', have)) != NULL) {
            size_t size = (size_t)(newline - line);
            send(line, size);
            line = newline + 1;
            have -= size + 1;
        }
        memmove(buffer, line, have);
    }
    return 0;
}
