/* Wrong: the semaphore gets its value when the children may already wait for it. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), set = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            P(set, 0);
            ++*count;
            V(set, 0);
            _exit(0);
        }
    set_to(set, 0, 1);
    int status = reap();
    remove_set(set);
    return status;
}
