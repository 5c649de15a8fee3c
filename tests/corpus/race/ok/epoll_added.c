/* Right: the child waits in epoll_wait() for what the parent adds when the value is set. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value), ends[2];
    if (pipe(ends) == -1 || write(ends[1], "x", 1) != 1)
        return 3;
    int set = epoll_create1(0);
    if (fork() == 0) {
        struct epoll_event got;
        _exit(epoll_wait(set, &got, 1, -1) != 1 || *value != 7);
    }
    *value = 7;
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = ends[0]};
    if (epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &wanted) == -1)
        return 4;
    return reap();
}
