/* kirk.c

   Lines of any length by getline(), messages on the heap.

   Usage: kirk KEY
*/
#define _GNU_SOURCE /* For struct msgbuf */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s KEY\n", argv[0]);
        return 2;
    }
    int queue = msgget((key_t)strtoul(argv[1], NULL, 0), 0600);
    if (queue == -1)
        err(1, "no queue for %s", argv[1]);
    setvbuf(stdout, NULL, _IOLBF, 0);

    char *line = NULL;
    size_t room = 0;
    for (ssize_t length; (length = getline(&line, &room, stdin)) > 0;) {
        if (line[length - 1] == '\n')
            line[--length] = '\0';
        size_t size = (size_t)length, skip = 0;
        long type = 2;
        if (line[0] == '!') {
            type = 1;
            skip = 1;
        } else if (strcmp(line, "bye") == 0) {
            type = 3;
            skip = 3;
        }
        size -= skip;
        if (size > 200) {
            puts("too long");
            continue;
        }
        struct msgbuf *message = malloc(sizeof(long) + size + 1);
        if (message == NULL)
            err(1, "malloc");
        message->mtype = type;
        memcpy(message->mtext, line + skip, size);
        int result = msgsnd(queue, message, size, IPC_NOWAIT);
        if (result == -1 && errno != EAGAIN)
            err(1, "msgsnd, queue %s", argv[1]);
        puts(result == 0 ? "sent" : "full");
        free(message);
    }
    free(line);
    return 0;
}
