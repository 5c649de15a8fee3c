/* Wrong: a structure that handler and program assign as a whole, with the signal let through. */
#include "../u.h"

typedef struct {
    long a, b, c, d;
} Four;

static Four state;

static void handler(int number)
{
    state = (Four){number, number, number, number};
}

int main(void)
{
    handle(SIGUSR1, handler);
    pid_t parent = getpid();
    if (fork() == 0) {
        kill(parent, SIGUSR1);
        _exit(0);
    }
    for (int i = 0; i < 3; i++) {
        Four copy = state;
        if (copy.a != copy.d)
            return 1;
    }
    return reap();
}
