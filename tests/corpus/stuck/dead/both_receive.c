/* Dead: both sides of a socket pair wait for the other to begin. */
#include "../../race/u.h"

int main(void)
{
    int ends[2];
    char byte;
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    int child = fork() == 0;
    recv(ends[child], &byte, 1, 0);
    send(ends[child], &byte, 1, 0);
    if (child)
        _exit(0);
    return reap();
}
