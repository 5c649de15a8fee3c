/* A chain of processes, each of which ends when the one before has ended. */
#include "case.h"

int main(void)
{
    int before = -1;
    char byte;
    for (int i = 0; i < 50; i++) {
        int ends[2];
        check(pipe(ends), "pipe");
        if (check(fork(), "fork") == 0) {
            close(ends[0]);
            if (before >= 0)
                check(read(before, &byte, 1), "read");
            else
                doze(50 * MILLISECOND);
            _exit(0);
        }
        close(ends[1]);
        if (before >= 0)
            close(before);
        before = ends[0];
    }
    check(read(before, &byte, 1), "read");
    while (wait(NULL) > 0)
        ;
    return 0;
}
