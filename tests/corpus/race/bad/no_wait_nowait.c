/* Wrong: IPC_NOWAIT, and the EAGAIN is not looked at. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), set = semaphores(1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            struct sembuf take = {0, -1, IPC_NOWAIT}, give = {0, 1, 0};
            int failed = semop(set, &take, 1);
            ++*count;
            if (!failed)
                semop(set, &give, 1);
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status;
}
