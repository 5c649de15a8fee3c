/* Objects of the host and of other submissions: SysV keys that are there, names in /dev/shm,
 * notifications.
 *
 * @row network
 * @row tables
 */
#include "attack.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void)
{
    struct shm_info info;

    refused(shmget(HOST_KEY, 0, 0), "a segment of the host");
    for (int id = 0; id < 200; id++) {
        held(shmat(id, NULL, SHM_RDONLY) == (void *)-1, "a segment by its id");
        refused(semctl(id, 0, GETVAL), "a semaphore by its id");
        refused(msgctl(id, IPC_RMID, NULL), "a queue by its id");
    }
    held(shmctl(0, SHM_INFO, (struct shmid_ds *)&info) == -1 || info.used_ids == 0,
         "segments of somebody");
    DIR *all = opendir("/dev/shm");
    int found = 0;
    for (struct dirent *entry; all != NULL && (entry = readdir(all)) != NULL;)
        found += entry->d_name[0] != '.';
    held(found == 0, "an object in /dev/shm");
    return done();
}
