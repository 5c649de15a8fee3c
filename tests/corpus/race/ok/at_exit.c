/* Right: functions of atexit() write, too, before the parent's wait() returns. */
#include "../u.h"

static int *data;

static void last(void)
{
    *data = 42;
}

int main(void)
{
    data = shared(sizeof *data);
    if (fork() == 0) {
        atexit(last);
        exit(0);
    }
    return reap() || *data != 42;
}
