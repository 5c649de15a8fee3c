/* Wrong: 0 then 1, 1 then 2, 2 then 0: three that wait for each other in a ring. */
#include "../u.h"

int main(void)
{
    int set = semaphores(3, 1);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            P(set, i);
            P(set, (i + 1) % 3);
            V(set, (i + 1) % 3);
            V(set, i);
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status;
}
