/* Wrong: the message that tells of the data is sent before they are written. */
#include "../u.h"

int main(void)
{
    struct {
        long type;
        char text[4];
    } message = {1, "go"};
    int *data = shared(sizeof *data), queue = msgget(IPC_PRIVATE, 0600);
    if (fork() == 0) {
        msgsnd(queue, &message, sizeof message.text, 0);
        *data = 42;
        _exit(0);
    }
    msgrcv(queue, &message, sizeof message.text, 0, 0);
    int got = *data;
    reap();
    msgctl(queue, IPC_RMID, NULL);
    return got != 0 && got != 42;
}
