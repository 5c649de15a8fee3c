/* Each reads what the next writes; the last one sleeps first. */
#include "case.h"

int main(void)
{
    for (int i = 0; i < 5; i++) {
        int ends[2];
        char byte = 'x';
        check(pipe(ends), "pipe");
        if (check(fork(), "fork") != 0) {
            close(ends[1]);
            check(read(ends[0], &byte, 1), "read");
            check(wait(NULL), "wait");
            _exit(0);
        }
        close(ends[0]);
    }
    doze(200 * MILLISECOND);
    return 0;
}
