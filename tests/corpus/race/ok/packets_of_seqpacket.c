/* Right: packets to and fro, one at a time. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int s[2];
    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s);
    if (fork() == 0) {
        char b[16];
        for (int i = 0; i < 10; i++) {
            if (recv(s[1], b, sizeof b, 0) != 3)
                _exit(1);
            ++*n;
            if (send(s[1], "ok", 2, 0) != 2)
                _exit(1);
        }
        _exit(0);
    }
    char b[16];
    for (int i = 0; i < 10; i++) {
        ++*n;
        if (send(s[0], "abc", 3, 0) != 3)
            return 3;
        if (recv(s[0], b, 16, 0) != 2)
            return 3;
    }
    return reap() || *n != 20;
}
