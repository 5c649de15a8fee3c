/* Right: sendmmsg() and recvmmsg() are sends and receives. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int sv[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, sv);
    if (fork() == 0) {
        char x[2][4];
        struct iovec v[2] = {{x[0], 4}, {x[1], 4}};
        struct mmsghdr m[2];
        memset(m, 0, sizeof m);
        for (int i = 0; i < 2; i++) {
            m[i].msg_hdr.msg_iov = &v[i];
            m[i].msg_hdr.msg_iovlen = 1;
        }
        int got = 0;
        while (got < 2) {
            int k = recvmmsg(sv[1], m + got, (unsigned)(2 - got), 0, NULL);
            if (k < 1)
                _exit(1);
            got += k;
        }
        _exit(*n != 3);
    }
    *n = 3;
    struct iovec v[2] = {{"ab", 2}, {"cd", 2}};
    struct mmsghdr m[2];
    memset(m, 0, sizeof m);
    for (int i = 0; i < 2; i++) {
        m[i].msg_hdr.msg_iov = &v[i];
        m[i].msg_hdr.msg_iovlen = 1;
    }
    int sent = 0;
    while (sent < 2) {
        int k = sendmmsg(sv[0], m + sent, (unsigned)(2 - sent), 0);
        if (k < 1)
            return 3;
        sent += k;
    }
    return reap();
}
