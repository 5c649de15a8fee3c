/* Right: pwritev() and preadv() until the bytes are there. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int f = scratch_file();
    if (fork() == 0) {
        *n = 3;
        struct iovec v = {"ab", 2};
        if (pwritev(f, &v, 1, 0) != 2)
            _exit(1);
        _exit(0);
    }
    char b[2];
    struct iovec v = {b, 2};
    while (preadv(f, &v, 1, 0) != 2)
        usleep(100);
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
