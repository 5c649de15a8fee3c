/* Two processes wait for each other for ever; a third one computes. */
#include "case.h"

int main(void)
{
    int ends[2];
    char byte;
    check(pipe(ends), "pipe");
    if (check(fork(), "fork") == 0) {
        close(ends[0]);
        close(ends[1]);
        for (volatile long i = 0;; i++)
            ;
    }
    if (check(fork(), "fork") == 0) {
        check(read(ends[0], &byte, 1), "read");
        _exit(0);
    }
    check(read(ends[0], &byte, 1), "read");
    return 0;
}
