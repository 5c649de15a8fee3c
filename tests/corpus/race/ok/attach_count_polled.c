/* Right: who has detached the segment does nothing to it any more. */
#include "../u.h"

int main(void)
{
    struct shmid_ds about;
    int id = shmget(IPC_PRIVATE, 64, IPC_CREAT | 0600);
    int *slots = shmat(id, NULL, 0);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            slots[i] = i + 1;
            if (i == 0)
                shmdt(slots);
            _exit(0);
        }
    while (shmctl(id, IPC_STAT, &about) == 0 && about.shm_nattch > 1)
        usleep(200);
    int sum = slots[0] + slots[1];
    shmctl(id, IPC_RMID, NULL);
    return reap() || sum != 3;
}
