/* Right: GETZCNT until somebody waits for zero. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), set = semaphores(1, 1);
    if (fork() == 0) {
        *data = 42;
        change(set, 0, 0);
        _exit(0);
    }
    while (semctl(set, 0, GETZCNT) == 0)
        usleep(100);
    int seen = *data;
    P(set, 0);
    int failed = reap();
    remove_set(set);
    return failed || seen != 42;
}
