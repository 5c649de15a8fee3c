/* Right: out of the handler by siglongjmp(), and then in the program again. */
#include "../u.h"

static sigjmp_buf place;

static void handler(int number)
{
    (void)number;
    siglongjmp(place, 1);
}

int main(void)
{
    int *data = shared(sizeof *data);
    handle(SIGALRM, handler);
    if (sigsetjmp(place, 1) == 0) {
        ualarm(20000, 0);
        for (;;)
            pause();
    }
    printf("timed out\n");
    if (fork() == 0) {
        *data = 42;
        exit(0);
    }
    return reap() || *data != 42;
}
