/* Its children are never zombies; each wakes it by ending. */
#include "case.h"

int main(void)
{
    char byte;
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 300; i++) {
        int ends[2];
        check(pipe(ends), "pipe");
        if (check(fork(), "fork") == 0)
            _exit(0);
        close(ends[1]);
        check(read(ends[0], &byte, 1), "read");
        close(ends[0]);
    }
    return 0;
}
