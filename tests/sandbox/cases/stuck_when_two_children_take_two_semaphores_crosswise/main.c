/* Child 1 takes semaphore 0 and wants 1; child 2 takes 1 and wants 0. */
#include <err.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

static void change(int set, int number, int by)
{
    struct sembuf operation = {(unsigned short)number, (short)by, 0};

    if (semop(set, &operation, 1) == -1)
        err(EXIT_FAILURE, "semop(%d)", number);
}

int main(void)
{
    int set = semget(IPC_PRIVATE, 3, 0600);
    if (set == -1)
        err(EXIT_FAILURE, "semget");
    change(set, 0, 1);
    change(set, 1, 1);

    for (int first = 0; first < 2; first++) {
        pid_t pid = fork();
        if (pid == -1)
            err(EXIT_FAILURE, "fork");
        if (pid == 0) {
            change(set, first, -1);
            /* Semaphore 2 counts who has one; 0 lets nobody pass before both have. */
            change(set, 2, 1);
            change(set, 2, -2);
            change(set, 2, 2);
            change(set, 1 - first, -1);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
