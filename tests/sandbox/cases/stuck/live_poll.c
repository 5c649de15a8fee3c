/* Polls with a time-out, while its parent waits for it. */
#include "case.h"

int main(void)
{
    int ends[2];
    check(pipe(ends), "pipe");
    if (check(fork(), "fork") == 0) {
        struct pollfd wanted = {.fd = ends[0], .events = POLLIN, .revents = 0};
        check(poll(&wanted, 1, (int)milliseconds(200)), "poll");
        _exit(0);
    }
    check(wait(NULL), "wait");
    return 0;
}
