/* Right: requests of type 1, replies of the type that is the client's pid. */
#include "../u.h"

typedef struct {
    long type;
    int client, slot;
} Message;

int main(void)
{
    int *slots = shared(4 * sizeof *slots), queue = msgget(IPC_PRIVATE, 0600);
    size_t size = sizeof(Message) - sizeof(long);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            Message message = {1, getpid(), i};
            slots[i] = i + 1;
            msgsnd(queue, &message, size, 0);
            msgrcv(queue, &message, size, getpid(), 0);
            _exit(slots[i] != 10 * (i + 1));
        }
    for (int i = 0; i < 2; i++) {
        Message message;
        msgrcv(queue, &message, size, 1, 0);
        slots[message.slot] *= 10;
        message.type = message.client;
        msgsnd(queue, &message, size, 0);
    }
    int status = reap();
    msgctl(queue, IPC_RMID, NULL);
    return status;
}
