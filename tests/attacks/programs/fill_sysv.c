/* SysV shared memory, semaphores and message queues: each table to its end, each object as large as
 * may be.
 *
 * @row tables
 * @fails output no-leftover-ipc
 */
#include "attack.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void)
{
    struct {
        long type;
        char text[8192];
    } message = {1, {0}};
    int sets = 0, queues = 0, segments = 0;
    size_t sent = 0;

    while (segments < 10000 && shmget(KEY + segments, 4096, IPC_CREAT | 0600) != -1)
        segments++;
    while (sets < 50000 && semget(KEY + sets, 250, IPC_CREAT | 0600) != -1)
        sets++;
    for (int id; queues < 10000 && (id = msgget(KEY + queues, IPC_CREAT | 0600)) != -1; queues++)
        while (msgsnd(id, &message, sizeof message.text, IPC_NOWAIT) == 0)
            sent += sizeof message.text;
    held(segments <= 64, "more than 64 segments");
    held(sets <= 64, "more than 64 semaphore sets");
    held(queues <= 32, "more than 32 queues");
    held(sent <= 8 << 20, "more than 8 MiB in queues");
    return done();
}
