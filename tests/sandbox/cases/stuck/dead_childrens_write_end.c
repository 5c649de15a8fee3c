/* Waits for end-of-file that its child, which waits for it in turn, keeps away. */
#include "case.h"

int main(void)
{
    int up[2], down[2];
    char byte;
    check(pipe(up), "pipe");
    check(pipe(down), "pipe");
    if (check(fork(), "fork") == 0) {
        close(up[0]);
        close(down[1]);
        check(read(down[0], &byte, 1), "read");
        _exit(0);
    }
    close(up[1]);
    close(down[0]);
    check(read(up[0], &byte, 1), "read");
    return 0;
}
