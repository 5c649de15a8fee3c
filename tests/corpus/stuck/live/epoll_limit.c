/* Live: epoll_wait() with a limit, and a child that waits for its parent. */
#include "../../race/u.h"

int main(void)
{
    struct epoll_event event = {.events = EPOLLIN}, got;
    int ends[2], set = epoll_create1(0);
    char byte;
    pipe(ends);
    epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event);
    if (fork() == 0) {
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) != 0);
    }
    int ready = epoll_wait(set, &got, 1, 300);
    close(ends[1]);
    return reap() || ready != 0;
}
