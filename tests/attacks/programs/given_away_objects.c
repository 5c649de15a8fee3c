/* System V objects that the submission gives to other users before it ends, with no right for
 * anybody.
 *
 * @row tables
 * @row daemons
 * @points 7
 * @fails no-leftover-ipc
 */
#include "attack.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(int argc, char *argv[])
{
    static const uid_t users[] = {0, 1, 65534, 4000000, 4294967294U};

    for (int i = 0; i < 5; i++) {
        struct shmid_ds segment;
        struct semid_ds set;
        struct msqid_ds queue;
        int shm = shmget(KEY + i, 4096, IPC_CREAT | 0600);
        int sem = semget(KEY + i, 3, IPC_CREAT | 0600);
        int msg = msgget(KEY + i, IPC_CREAT | 0600);

        shmctl(shm, IPC_STAT, &segment);
        segment.shm_perm.uid = segment.shm_perm.gid = users[i];
        segment.shm_perm.mode = 0;
        shmctl(shm, IPC_SET, &segment);
        semctl(sem, 0, IPC_STAT, &set);
        set.sem_perm.uid = set.sem_perm.gid = users[i];
        set.sem_perm.mode = 0;
        semctl(sem, 0, IPC_SET, &set);
        msgctl(msg, IPC_STAT, &queue);
        queue.msg_perm.uid = queue.msg_perm.gid = users[i];
        queue.msg_perm.mode = 0;
        msgctl(msg, IPC_SET, &queue);
    }
    return answer(argc, argv);
}
