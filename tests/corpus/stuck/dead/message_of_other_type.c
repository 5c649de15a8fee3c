/* Dead: a message is there, but of a type that nobody asks for. */
#include "../../race/u.h"

int main(void)
{
    struct {
        long type;
        int number;
    } message = {1, 42};
    int queue = msgget(IPC_PRIVATE, 0600);
    msgsnd(queue, &message, sizeof message.number, 0);
    msgrcv(queue, &message, sizeof message.number, 2, 0);
    return 0;
}
