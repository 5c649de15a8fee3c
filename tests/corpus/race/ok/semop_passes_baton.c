/* Right: one call takes a semaphore and gives the next one. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), set = semaphores(2, 0);
    if (fork() == 0) {
        *data = 42;
        V(set, 0);
        _exit(0);
    }
    if (fork() == 0) {
        struct sembuf pass[] = {{0, -1, 0}, {1, 1, 0}};
        _exit(semop(set, pass, 2) == -1);
    }
    P(set, 1);
    int got = *data;
    int failed = reap();
    remove_set(set);
    return failed || got != 42;
}
