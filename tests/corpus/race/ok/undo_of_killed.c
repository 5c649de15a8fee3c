/* Right: SEM_UNDO gives the lock of a killed holder back, and the next one goes on. */
#include "../u.h"

int main(void)
{
    struct sembuf take = {0, -1, SEM_UNDO}, give = {0, 1, SEM_UNDO};
    int *count = shared(sizeof *count), set = semaphores(1, 1);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            semop(set, &take, 1);
            ++*count;
            if (i == 1)
                raise(SIGKILL);
            semop(set, &give, 1);
            _exit(0);
        }
    reap();
    remove_set(set);
    return *count != 3;
}
