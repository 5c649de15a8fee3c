/* Wrong: the child's handler of pthread_atfork() counts in shared memory, without a lock. */
#include "../u.h"

static int *count;

static void in_child(void)
{
    ++*count;
}

int main(void)
{
    count = shared(sizeof *count);
    pthread_atfork(NULL, NULL, in_child);
    for (int i = 0; i < 2; i++)
        if (fork() == 0)
            _exit(0);
    return reap();
}
