/* Wrong: the token is sent before the work. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int s[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    if (fork() == 0) {
        char c = 'x';
        if (write(s[1], &c, 1) != 1)
            _exit(1);
        *n = 4;
        _exit(0);
    }
    char c;
    if (read(s[0], &c, 1) != 1)
        return 3;
    printf("%d\n", *n);
    reap();
    return 0;
}
