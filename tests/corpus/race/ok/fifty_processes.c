/* Right: fifty processes at once, one lock. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), set = semaphores(1, 1);
    for (int i = 0; i < 50; i++)
        if (fork() == 0) {
            P(set, 0);
            ++*count;
            V(set, 0);
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status || *count != 50;
}
