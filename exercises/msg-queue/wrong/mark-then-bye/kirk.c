/* MISTAKE: bye is looked for behind the mark, so that an urgent bye is the end.

   Send each line of standard input as a message: urgent behind a '!', the line bye as the end.

   Usage: kirk KEY
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

#define LONGEST 200

enum { URGENT = 1, ORDINARY = 2, BYE = 3 };

struct message {
    long type;
    char text[LONGEST];
};

static const char *key_text; /* As it was given */

static void fail(const char *call)
{
    fprintf(stderr, "kirk: %s, key %s: %s\n", call, key_text, strerror(errno));
    exit(EXIT_FAILURE);
}

/* Return what became of it. The size of a message is that of its text, without the type. */
static const char *send(int queue, long type, const char *text)
{
    struct message message = {.type = type};
    size_t size = strlen(text);
    if (size > LONGEST)
        return "too long";
    memcpy(message.text, text, size);
    while (msgsnd(queue, &message, size, IPC_NOWAIT) == -1) {
        if (errno == EAGAIN)
            return "full";
        if (errno != EINTR)
            fail("msgsnd");
    }
    return "sent";
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: kirk KEY\n");
        exit(2);
    }
    key_text = argv[1];
    int queue = msgget((key_t)strtoul(key_text, NULL, 0), 0);
    if (queue == -1)
        fail("msgget");

    char line[512];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        const char *text = line[0] == '!' ? line + 1 : line;
        if (strcmp(text, "bye") == 0)
            puts(send(queue, BYE, ""));
        else
            puts(send(queue, text == line ? ORDINARY : URGENT, text));
        fflush(stdout); /* Or a pipe's reader would not see it before the end */
    }
    return EXIT_SUCCESS;
}
