/* Right: aio_write() into a pipe. */
#include "../u.h"
#include <aio.h>

int main(void)
{
    int *n = shared(4096);
    int p[2];
    if (pipe(p))
        return 3;
    if (fork() == 0) {
        *n = 3;
        struct aiocb a = {.aio_fildes = p[1], .aio_buf = (void *)"x", .aio_nbytes = 1};
        if (aio_write(&a))
            _exit(1);
        const struct aiocb *l[] = {&a};
        aio_suspend(l, 1, NULL);
        _exit(aio_return(&a) != 1);
    }
    char c;
    if (read(p[0], &c, 1) != 1)
        return 3;
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
