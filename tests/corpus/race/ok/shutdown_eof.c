/* Right: shutdown() is the end of file that the other one waits for. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int s[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    if (fork() == 0) {
        *n = 2;
        shutdown(s[1], SHUT_WR);
        char c;
        if (read(s[1], &c, 1) != 0)
            _exit(1);
        _exit(*n != 3);
    }
    char c;
    if (read(s[0], &c, 1) != 0)
        return 3;
    int r = *n != 2;
    *n = 3;
    shutdown(s[0], SHUT_WR);
    return reap() || r;
}
