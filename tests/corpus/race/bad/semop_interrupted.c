/* Wrong: a signal interrupts semop(), and the child goes on as if it had the lock. */
#include "../u.h"

static void ignore(int number)
{
    (void)number;
}

int main(void)
{
    int *count = segment(sizeof *count), set = semaphores(1, 1);
    pid_t children[2];
    handle(SIGUSR1, ignore);
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct sembuf take = {0, -1, 0}, give = {0, 1, 0};
            semop(set, &take, 1);
            ++*count;
            semop(set, &give, 1);
            _exit(0);
        }
    }
    for (int i = 0; i < 2; i++)
        kill(children[i], SIGUSR1);
    reap();
    remove_set(set);
    return 0;
}
