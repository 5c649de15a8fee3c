/* Right: both children wait at the semaphore, and its removal tells that the value is there. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    int set = semget(IPC_PRIVATE, 1, 0600);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            struct sembuf wait = {0, -1, 0};
            int result = semop(set, &wait, 1);
            _exit(result == 0 || (errno != EIDRM && errno != EINVAL) || *value != 7);
        }
    *value = 7;
    if (semctl(set, 0, IPC_RMID) == -1)
        return 4;
    return reap();
}
