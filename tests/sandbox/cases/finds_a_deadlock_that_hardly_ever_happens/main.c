/* Two processes take two semaphores in opposite orders, each for a moment. */
#include <errno.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

static int set;

static void change(unsigned short number, short by)
{
    struct sembuf operation = {number, by, 0};
    while (semop(set, &operation, 1) == -1 && errno == EINTR)
        continue;
}

int main(void)
{
    set = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    if (set == -1)
        return 1;
    change(0, 1);
    change(1, 1);
    for (unsigned short i = 0; i < 2; i++)
        if (fork() == 0) {
            change(i, -1);
            change(1 - i, -1);
            change(1 - i, 1);
            change(i, 1);
            _exit(0);
        }
    while (wait(NULL) > 0)
        continue;
    return semctl(set, 0, IPC_RMID) == -1;
}
