/* Wrong: the byte is written, by number, before the data are there. */
#include "../u.h"
#include <sys/syscall.h>

int main(void)
{
    int *n = shared(4096);
    int p[2];
    if (pipe(p))
        return 3;
    if (fork() == 0) {
        if (syscall(SYS_write, p[1], "x", 1) != 1)
            _exit(1);
        *n = 3;
        _exit(0);
    }
    char c;
    if (read(p[0], &c, 1) != 1)
        return 3;
    printf("%d\n", *n);
    reap();
    return 0;
}
