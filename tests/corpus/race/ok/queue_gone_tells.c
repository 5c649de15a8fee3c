/* Right: the child receives until the queue is removed, whether it sleeps there or is too late. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    int queue = msgget(IPC_PRIVATE, 0600);
    if (fork() == 0) {
        struct {
            long type;
            char text[8];
        } message;
        while (msgrcv(queue, &message, sizeof message.text, 0, 0) != -1)
            continue;
        _exit((errno != EIDRM && errno != EINVAL) || *value != 7);
    }
    *value = 7;
    if (msgctl(queue, IPC_RMID, NULL) == -1)
        return 4;
    return reap();
}
