/* Polls a pipe that only it could write, without a time-out. */
#include "case.h"

int main(void)
{
    int ends[2];
    check(pipe(ends), "pipe");
    struct pollfd wanted = {.fd = ends[0], .events = POLLIN, .revents = 0};
    check(poll(&wanted, 1, -1), "poll");
    return 0;
}
