/* Both ends of a socket pair wait for the other to speak first. */
#include "case.h"

int main(void)
{
    int ends[2];
    char byte;
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
    int child = check(fork(), "fork") == 0;
    close(ends[child]);
    check(read(ends[1 - child], &byte, 1), "read");
    return 0;
}
