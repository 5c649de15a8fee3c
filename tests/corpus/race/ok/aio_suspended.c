/* Right: aio_suspend() returns when the byte has been read. */
#include "../u.h"
#include <aio.h>
int main(void)
{
    int *data = shared(4096), ends[2];
    char byte = 0;
    pipe(ends);
    if (fork() == 0) {
        data[0] = 6;
        write(ends[1], "x", 1);
        _exit(0);
    }
    struct aiocb asked = {.aio_fildes = ends[0], .aio_buf = &byte, .aio_nbytes = 1};
    const struct aiocb *list[] = {&asked};
    aio_read(&asked);
    while (aio_suspend(list, 1, NULL) == -1 && errno == EINTR)
        ;
    int ok = data[0] == 6;
    return reap() || !ok || byte != 'x';
}
