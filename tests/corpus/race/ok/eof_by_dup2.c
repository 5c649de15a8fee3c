/* Right: the write end goes by dup2() over it while the child lives on. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2], back[2];
    char byte;
    pipe(ends);
    pipe(back);
    if (fork() == 0) {
        close(back[1]);
        *data = 42;
        dup2(back[0], ends[1]);
        _exit(read(back[0], &byte, 1) != 0);
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 0)
        return 1;
    int got = *data;
    close(back[1]);
    return got != 42 || reap();
}
