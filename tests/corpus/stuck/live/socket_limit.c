/* Live: recv() of a socket with SO_RCVTIMEO. */
#include "../../race/u.h"

int main(void)
{
    struct timeval limit = {0, 300000};
    int ends[2];
    char byte;
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return recv(ends[0], &byte, 1, 0) != -1 || errno != EAGAIN;
}
