/* Nobody else knows the queue. */
#include <err.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>

int main(void)
{
    struct {
        long type;
        char text[16];
    } message;
    int queue = msgget(0xbeef, IPC_CREAT | 0600);

    if (queue == -1)
        err(EXIT_FAILURE, "msgget(0xbeef)");
    if (msgrcv(queue, &message, sizeof message.text, 0, 0) == -1)
        err(EXIT_FAILURE, "msgrcv");
    return msgctl(queue, IPC_RMID, NULL) == -1;
}
