/* Right: the token goes through tee() and splice() of a third process. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int a[2], b[2], c[2];
    if (pipe(a) || pipe(b) || pipe(c))
        return 3;
    if (fork() == 0) {
        char x;
        if (read(c[0], &x, 1) != 1)
            _exit(1);
        int r = *n != 4;
        *n = 5;
        _exit(r);
    }
    if (fork() == 0) {
        if (tee(a[0], b[1], 1, 0) != 1)
            _exit(1);
        if (splice(b[0], NULL, c[1], NULL, 1, 0) != 1)
            _exit(1);
        _exit(0);
    }
    *n = 4;
    if (write(a[1], "t", 1) != 1)
        return 3;
    int r = reap();
    return r || *n != 5;
}
