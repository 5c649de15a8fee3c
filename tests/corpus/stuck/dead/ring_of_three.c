/* Dead: three processes, each with one lock and waiting for the next one's. */
#include "../../race/u.h"

int main(void)
{
    int set = semaphores(4, 1);
    set_to(set, 3, 3);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            P(set, i);
            P(set, 3);
            change(set, 3, 0);
            P(set, (i + 1) % 3);
            _exit(0);
        }
    return reap();
}
