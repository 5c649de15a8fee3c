/* Reads a pipe to its end, but never closed its own write end. */
#include "case.h"

int main(void)
{
    int ends[2];
    char byte;
    check(pipe(ends), "pipe");
    while (check(read(ends[0], &byte, 1), "read") > 0)
        ;
    return 0;
}
