/* Makes System V objects until there are no more. */
#include <stddef.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void)
{
    struct {
        long type;
        char text[4096];
    } message = {.type = 1};
    int queue;

    for (int i = 0; i < 40000 && semget(IPC_PRIVATE, 200, 0600) != -1; i++)
        ;
    for (int i = 0; i < 40000 && (queue = msgget(IPC_PRIVATE, 0600)) != -1; i++)
        while (msgsnd(queue, &message, sizeof message.text, IPC_NOWAIT) == 0)
            ;
    for (int i = 0; i < 5000; i++) {
        int id = shmget(IPC_PRIVATE, 1 << 20, 0600);
        if (id == -1)
            break;
        void *memory = shmat(id, NULL, 0);
        if (memory != (void *)-1) {
            memset(memory, 1, 1 << 20);
            shmdt(memory);
        }
    }
    return 0;
}
