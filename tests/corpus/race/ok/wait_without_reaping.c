/* Right: WNOWAIT says that the child has ended and leaves it to be waited for. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    siginfo_t info;
    if (fork() == 0) {
        *data = 42;
        _exit(0);
    }
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    int got = *data;
    return reap() || got != 42;
}
