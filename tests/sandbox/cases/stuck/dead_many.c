/* A hundred children wait for a byte that nobody writes. */
#include "case.h"

int main(void)
{
    int ends[2];
    char byte;
    check(pipe(ends), "pipe");
    for (int i = 0; i < 100; i++)
        if (check(fork(), "fork") == 0) {
            check(read(ends[0], &byte, 1), "read");
            _exit(0);
        }
    while (wait(NULL) > 0)
        ;
    return 0;
}
