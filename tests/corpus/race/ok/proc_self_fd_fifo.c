/* Right: a pipe that is opened again by its name in /proc. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int a[2];
    if (pipe2(a, O_CLOEXEC))
        return 3;
    if (fork() == 0) {
        char p[64];
        snprintf(p, sizeof p, "/proc/self/fd/%d", a[1]);
        int w = open(p, O_WRONLY);
        *n = 2;
        if (write(w, "x", 1) != 1)
            _exit(1);
        _exit(0);
    }
    int d = fcntl(a[0], F_DUPFD_CLOEXEC, 20);
    char x;
    if (read(d, &x, 1) != 1)
        return 3;
    int r = *n != 2;
    *n = 3;
    return reap() || r;
}
