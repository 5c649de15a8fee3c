/* Wrong: the lock is taken with SEM_UNDO by a helper process, whose end gives it back at once. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), set = semaphores(1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (fork() == 0) {
                struct sembuf take = {0, -1, SEM_UNDO};
                semop(set, &take, 1);
                _exit(0);
            }
            wait(NULL);
            ++*count;
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status;
}
