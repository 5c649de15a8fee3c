/* Right: waits for zero and adds one in the same call: a lock whose free value is 0. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), set = semaphores(1, 0);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            struct sembuf take[] = {{0, 0, 0}, {0, 1, SEM_UNDO}}, give = {0, -1, SEM_UNDO};
            semop(set, take, 2);
            ++*count;
            semop(set, &give, 1);
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status || *count != 3;
}
