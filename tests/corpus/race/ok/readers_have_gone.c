/* Right: that a write fails with EPIPE tells that the reader has closed its end. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2], back[2];
    char byte = 'x';
    signal(SIGPIPE, SIG_IGN);
    pipe(ends);
    pipe(back);
    if (fork() == 0) {
        close(back[1]);
        *data = 42;
        close(ends[0]);
        _exit(read(back[0], &byte, 1) != 0);
    }
    close(ends[0]);
    while (write(ends[1], &byte, 1) != -1)
        usleep(200);
    int got = *data;
    close(back[1]);
    return got != 42 || reap();
}
