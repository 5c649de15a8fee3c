/* Right: whoever has the byte may write. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), ends[2];
    char token = 'x';
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    int child = fork() == 0;
    for (int round = 0; round < 3; round++) {
        if (child || round > 0)
            recv(ends[child], &token, 1, 0);
        ++*count;
        send(ends[child], &token, 1, 0);
    }
    if (child)
        _exit(0);
    return reap() || *count != 6;
}
