/* Right: write() by its number. */
#include "../u.h"
#include <sys/syscall.h>

int main(void)
{
    int *n = shared(4096);
    int p[2];
    if (pipe(p))
        return 3;
    if (fork() == 0) {
        *n = 3;
        if (syscall(SYS_write, p[1], "x", 1) != 1)
            _exit(1);
        _exit(0);
    }
    char c;
    if (read(p[0], &c, 1) != 1)
        return 3;
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
