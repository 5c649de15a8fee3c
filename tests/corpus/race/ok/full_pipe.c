/* Right: the writer can only go on when the reader has made room, page by page. */
#include "../u.h"

int main(void)
{
    char page[4096] = {0};
    int *data = shared(sizeof *data), ends[2];
    pipe(ends);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
    write(ends[1], page, sizeof page);
    if (fork() == 0) {
        *data = 42;
        read(ends[0], page, sizeof page);
        _exit(0);
    }
    write(ends[1], page, sizeof page);
    return *data != 42 || reap();
}
