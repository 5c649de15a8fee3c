/* Makes a private set of two semaphores, sets the first, and forgets semctl(IPC_RMID). */
#include <err.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>

union semun {
    int val;
};

int main(void)
{
    int id = semget(IPC_PRIVATE, 2, 0600);
    if (id == -1)
        err(EXIT_FAILURE, "semget(IPC_PRIVATE)");

    union semun one = {.val = 1};
    if (semctl(id, 0, SETVAL, one) == -1)
        err(EXIT_FAILURE, "semctl(%d, SETVAL)", id);
    return 0;
}
