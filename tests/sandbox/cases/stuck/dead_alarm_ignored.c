/* Its alarm rings unheard: the signal is ignored. */
#include "case.h"

int main(void)
{
    int ends[2];
    char byte;
    check(pipe(ends), "pipe");
    signal(SIGALRM, SIG_IGN);
    alarm(1);
    check(read(ends[0], &byte, 1), "read");
    return 0;
}
