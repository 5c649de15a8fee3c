/* Live: semtimedop() with a limit, again and again. */
#include "../../race/u.h"

int main(void)
{
    struct sembuf take = {0, -1, 0};
    struct timespec limit = {0, 100000000};
    int set = semaphores(1, 0);
    for (int i = 0; i < 3; i++)
        if (semtimedop(set, &take, 1, &limit) == 0)
            return 1;
    remove_set(set);
    return 0;
}
