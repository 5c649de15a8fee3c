/* Makes a shared memory segment, attaches and detaches it, and forgets shmctl(IPC_RMID). */
#include <err.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void)
{
    int id = shmget(0x4d2, sizeof(int), IPC_CREAT | IPC_EXCL | 0640);
    if (id == -1)
        err(EXIT_FAILURE, "shmget(0x4d2)");

    int *number = shmat(id, NULL, 0);
    if (number == (void *)-1)
        err(EXIT_FAILURE, "shmat(%d)", id);
    *number = 7;
    if (shmdt(number) == -1)
        err(EXIT_FAILURE, "shmdt(%d)", id);
    return 0;
}
