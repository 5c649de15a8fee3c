/* Right: a handler of SIGSEGV jumps out, and the lock is free for the others. */
#include "../u.h"

static sigjmp_buf place;

static void handler(int number)
{
    siglongjmp(place, number);
}

int main(void)
{
    volatile int times = 0;
    int *count = shared(sizeof *count), set = semaphores(1, 1);
    handle(SIGSEGV, handler);
    if (sigsetjmp(place, 1) == 0)
        strcpy((char *)&count[0] + ((size_t)1 << 46), "nowhere");
    else
        times = 1;
    if (fork() == 0) {
        P(set, 0);
        ++*count;
        V(set, 0);
        _exit(0);
    }
    int status = reap();
    remove_set(set);
    return status || *count != 1 || times != 1;
}
