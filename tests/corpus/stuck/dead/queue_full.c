/* Dead: the queue is full, and its only reader waits for the writer's end. */
#include "../../race/u.h"

int main(void)
{
    struct {
        long type;
        char text[4096];
    } message = {1, ""};
    int queue = msgget(IPC_PRIVATE, 0600);
    if (fork() == 0) {
        for (int i = 0; i < 20; i++)
            msgsnd(queue, &message, sizeof message.text, 0);
        _exit(0);
    }
    int status = reap();
    msgctl(queue, IPC_RMID, NULL);
    return status;
}
