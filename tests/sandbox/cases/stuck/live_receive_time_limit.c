/* Reads a socket that has a time limit of its own. */
#include "case.h"

int main(void)
{
    int ends[2];
    char byte;
    struct timeval limit = {.tv_sec = 0, .tv_usec = 200000};
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
    check(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), "setsockopt");
    (void)!read(ends[0], &byte, 1);
    return 0;
}
