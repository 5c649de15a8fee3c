/* Waits for a System V semaphore with a time-out. */
#include "case.h"

int semtimedop(int set, struct sembuf *operations, size_t count, const struct timespec *limit);

int main(void)
{
    int set = make_set(1, 0);
    struct sembuf operation = {.sem_num = 0, .sem_op = -1, .sem_flg = 0};
    struct timespec limit = limit_of(200);
    semtimedop(set, &operation, 1, &limit);
    check(semctl(set, 0, IPC_RMID), "semctl");
    return 0;
}
