/* Wrong: a lock that begins with 0 and is raised when all is ready; one child does not take it. */
#include "../u.h"

int main(void)
{
    int *count = segment(sizeof *count), set = semaphores(1, 0);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (i == 1)
                P(set, 0);
            ++*count;
            if (i == 1)
                V(set, 0);
            _exit(0);
        }
    V(set, 0);
    reap();
    remove_set(set);
    return 0;
}
