/* Each process starts the next and exits; none lives long, the first waits for the last. */
#include "case.h"

int main(void)
{
    int ends[2];
    char byte;
    check(pipe(ends), "pipe");
    if (check(fork(), "fork") != 0) {
        close(ends[1]);
        check(read(ends[0], &byte, 1), "read");
        while (wait(NULL) > 0)
            ;
        return 0;
    }
    for (int i = 0; i < 1000; i++)
        if (check(fork(), "fork") != 0)
            _exit(0);
    return 0;
}
