/* A child computes, then writes what its parent reads. */
#include "case.h"

int main(void)
{
    int ends[2];
    char byte = 'x';
    check(pipe(ends), "pipe");
    if (check(fork(), "fork") == 0) {
        for (volatile long i = 0; i < 100000000; i++)
            ;
        check(write(ends[1], &byte, 1), "write");
        _exit(0);
    }
    check(read(ends[0], &byte, 1), "read");
    check(wait(NULL), "wait");
    return 0;
}
