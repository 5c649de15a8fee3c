/* queue.c

   A partner of kirk and spock, for the queue with the key KEY:
   dump    print type, size and text of all its messages, in the order in which they were sent
   send    send one message; a TEXT of "-" is none
   fill    send ordinary messages until not one byte more will do
   take    take the message that was sent first: of 128 bytes after a fill
   remove  remove it

   Usage: queue KEY dump | send TYPE TEXT | fill | take | remove
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

struct message {
    long type;
    char text[1024];
};

static void fail(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

static void dump(int id)
{
    struct message message;
    ssize_t size;
    while ((size = msgrcv(id, &message, sizeof(message.text), 0, IPC_NOWAIT)) != -1)
        printf("%ld %zd %.*s\n", message.type, size, (int)size, message.text);
    if (errno != ENOMSG)
        fail("queue: msgrcv");
}

static void send(int id, long type, const char *text)
{
    struct message message = {.type = type};
    size_t size = strcmp(text, "-") == 0 ? 0 : strlen(text);
    memcpy(message.text, text, size);
    if (msgsnd(id, &message, size, IPC_NOWAIT) == -1)
        fail("queue: msgsnd");
}

static void fill(int id)
{
    struct message message = {.type = 2};
    memset(message.text, 'x', sizeof(message.text));
    for (size_t size = 128; size > 0; size /= 2)
        while (msgsnd(id, &message, size, IPC_NOWAIT) == 0)
            continue;
    if (errno != EAGAIN)
        fail("queue: msgsnd");
}

static void take(int id)
{
    struct message message;
    if (msgrcv(id, &message, sizeof(message.text), 0, IPC_NOWAIT) == -1)
        fail("queue: msgrcv");
}

int main(int argc, char *argv[])
{
    if (argc < 3) {
        fprintf(stderr, "usage: queue KEY dump | send TYPE TEXT | fill | take | remove\n");
        exit(2);
    }
    int id = msgget((key_t)strtoul(argv[1], NULL, 0), 0);
    if (id == -1)
        fail("queue: msgget");
    if (strcmp(argv[2], "dump") == 0)
        dump(id);
    else if (strcmp(argv[2], "send") == 0 && argc == 5)
        send(id, atol(argv[3]), argv[4]);
    else if (strcmp(argv[2], "fill") == 0)
        fill(id);
    else if (strcmp(argv[2], "take") == 0)
        take(id);
    else if (msgctl(id, IPC_RMID, NULL) == -1)
        fail("queue: msgctl");
    return EXIT_SUCCESS;
}
