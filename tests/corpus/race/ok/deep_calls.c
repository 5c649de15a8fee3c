/* Right: the lock is taken deep in a recursion, with frames of some size. */
#include "../u.h"

static int *count, set;

static void descend(int depth)
{
    volatile char room[512];
    room[depth % 512] = 1;
    if (depth > 0) {
        descend(depth - 1);
        room[0] = room[1];
        return;
    }
    P(set, 0);
    ++*count;
    V(set, 0);
}

int main(void)
{
    count = shared(sizeof *count);
    set = semaphores(1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            descend(2000);
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status || *count != 2;
}
