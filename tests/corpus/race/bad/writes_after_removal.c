/* Wrong: the set is removed, which lets the child go on, before the value is written. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    int set = semget(IPC_PRIVATE, 1, 0600);
    if (fork() == 0) {
        struct sembuf wait = {0, -1, 0};
        semop(set, &wait, 1);
        _exit(*value != 7);
    }
    if (semctl(set, 0, IPC_RMID) == -1)
        return 4;
    *value = 7;
    return reap();
}
