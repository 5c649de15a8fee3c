/* Right: who has taken a semaphore that is 1 at most may give it back by setting it to 1. */
#include "../u.h"

int main(void)
{
    int set = semaphores(1, 1);
    int id = shmget(IPC_PRIVATE, sizeof(int), 0600);
    int *counter = shmat(id, NULL, 0);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            struct sembuf take = {0, -1, SEM_UNDO};
            if (semop(set, &take, 1) == -1)
                _exit(1);
            *counter += 1;
            set_to(set, 0, 1);
            _exit(0);
        }
    while (wait(NULL) > 0)
        ;
    int total = *counter;
    shmctl(id, IPC_RMID, NULL);
    remove_set(set);
    return total != 3;
}
