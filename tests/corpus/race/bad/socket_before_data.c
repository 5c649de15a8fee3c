/* Wrong: a byte through a socket pair before the data. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2];
    char byte = 'x';
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    if (fork() == 0) {
        send(ends[1], &byte, 1, 0);
        *data = 42;
        _exit(0);
    }
    recv(ends[0], &byte, 1, 0);
    int got = *data;
    reap();
    return got != 0 && got != 42;
}
