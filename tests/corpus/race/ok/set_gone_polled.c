/* Right: the child asks for the value of the semaphore until the set is gone. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    int set = semget(IPC_PRIVATE, 1, 0600);
    if (fork() == 0) {
        while (semctl(set, 0, GETVAL) != -1)
            usleep(500);
        _exit(*value != 7);
    }
    *value = 7;
    if (semctl(set, 0, IPC_RMID) == -1)
        return 4;
    return reap();
}
