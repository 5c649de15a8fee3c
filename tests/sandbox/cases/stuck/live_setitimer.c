/* An interval timer ends its read. */
#include "case.h"

int main(void)
{
    struct itimerval soon = {.it_value = {.tv_sec = 0, .tv_usec = 200000}};
    int ends[2];
    char byte;
    check(pipe(ends), "pipe");
    handle(SIGALRM);
    check(setitimer(ITIMER_REAL, &soon, NULL), "setitimer");
    (void)!read(ends[0], &byte, 1);
    return 0;
}
