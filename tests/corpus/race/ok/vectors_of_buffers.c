/* Right: writev() and readv(), sendmsg() and recvmsg(). */
#include "../u.h"

int main(void)
{
    int *data = shared(2 * sizeof *data), ends[2], pair[2];
    char one[2], other[2];
    struct iovec parts[] = {{one, 2}, {other, 2}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    pipe(ends);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    if (fork() == 0) {
        data[0] = 40;
        writev(ends[1], parts, 2);
        data[1] = 2;
        sendmsg(pair[1], &message, 0);
        _exit(0);
    }
    readv(ends[0], parts, 2);
    int sum = data[0];
    recvmsg(pair[0], &message, 0);
    sum += data[1];
    return reap() || sum != 42;
}
