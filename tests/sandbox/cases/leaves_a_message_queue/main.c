/* Makes a System V message queue, sends one message, and neither takes it nor removes the queue. */
#include <err.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>

struct message {
    long type;
    char text[5];
};

int main(void)
{
    int id = msgget(0xbeef, IPC_CREAT | IPC_EXCL | 0600);
    if (id == -1)
        err(EXIT_FAILURE, "msgget(0xbeef)");

    struct message hello = {1, {'h', 'e', 'l', 'l', 'o'}};
    if (msgsnd(id, &hello, sizeof hello.text, 0) == -1)
        err(EXIT_FAILURE, "msgsnd(%d)", id);
    return 0;
}
