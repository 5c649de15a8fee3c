/* Dead: epoll_wait() on an eventfd that nobody writes. */
#include "../../race/u.h"

int main(void)
{
    int e = epoll_create1(0);
    int v = eventfd(0, 0);
    struct epoll_event x = {.events = EPOLLIN};
    epoll_ctl(e, EPOLL_CTL_ADD, v, &x);
    epoll_wait(e, &x, 1, -1);
    return 0;
}
