/* Leaves an object of each kind, with the keys and names that the host is looked through for.
 *
 * @row daemons
 * @row tables
 * @points 7
 * @fails no-leftover-ipc
 * @says shared memory segment
 */
#include "attack.h"
#include <mqueue.h>
#include <semaphore.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(int argc, char *argv[])
{
    shmget(KEY, 4096, IPC_CREAT | 0600);
    semget(KEY, 3, IPC_CREAT | 0600);
    msgget(KEY, IPC_CREAT | 0600);
    shm_open("/" TAG, O_CREAT | O_RDWR, 0600);
    sem_open("/" TAG, O_CREAT, 0600, 1);
    mq_open("/" TAG, O_CREAT | O_RDWR, 0600, NULL);
    mkfifo("/tmp/" TAG ".fifo", 0600);
    mkfifo(TAG ".fifo", 0600);
    return answer(argc, argv);
}
