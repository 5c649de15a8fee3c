/* Dead: one has the record lock, the other one the semaphore. */
#include "../../race/u.h"

int main(void)
{
    int f = scratch_file();
    int s = semaphores(1, 1);
    int g[2];
    if (pipe(g))
        return 3;
    if (fork() == 0) {
        P(s, 0);
        char c;
        if (write(g[1], "x", 1) != 1)
            _exit(1);
        (void)c;
        record_lock(f, F_WRLCK, 0, 1);
        _exit(0);
    }
    record_lock(f, F_WRLCK, 0, 1);
    char c;
    if (read(g[0], &c, 1) != 1)
        return 3;
    P(s, 0);
    reap();
    return 0;
}
