/* Right: waiting for zero with IPC_NOWAIT fails as soon as the other one has given. */
#include "../u.h"
int main(void)
{
    int *data = shared(4096), set = semaphores(1, 0);
    if (fork() == 0) {
        *data = 5;
        V(set, 0);
        _exit(0);
    }
    struct sembuf is_zero = {0, 0, IPC_NOWAIT};
    while (semop(set, &is_zero, 1) == 0)
        usleep(1000);
    int ok = errno == EAGAIN && *data == 5;
    reap();
    remove_set(set);
    return !ok;
}
