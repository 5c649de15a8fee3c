/* Right: SETALL before the fork, GETALL after the wait; one semaphore for each pair of slots. */
#include "../u.h"

int main(void)
{
    unsigned short values[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    union semun argument = {.array = values};
    int *slots = segment(8 * sizeof *slots), set = semget(IPC_PRIVATE, 8, 0600), sum = 0;
    semctl(set, 0, SETALL, argument);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            for (int k = 0; k < 8; k++) {
                P(set, k);
                slots[k]++;
                V(set, k);
            }
            _exit(0);
        }
    int status = reap();
    semctl(set, 0, GETALL, argument);
    for (int k = 0; k < 8; k++)
        sum += slots[k] + values[k];
    remove_set(set);
    return status || sum != 40;
}
