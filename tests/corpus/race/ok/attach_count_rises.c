/* Right: who attaches the segment has written before. */
#include "../u.h"

int main(void)
{
    struct shmid_ds about;
    int *data = shared(sizeof *data), id = shmget(IPC_PRIVATE, 64, IPC_CREAT | 0600);
    pid_t child = fork();
    if (child == 0) {
        *data = 42;
        shmat(id, NULL, 0);
        pause();
    }
    while (shmctl(id, IPC_STAT, &about) == 0 && about.shm_nattch == 0)
        usleep(100);
    int seen = *data;
    kill(child, SIGTERM);
    wait(NULL);
    shmctl(id, IPC_RMID, NULL);
    return seen != 42;
}
