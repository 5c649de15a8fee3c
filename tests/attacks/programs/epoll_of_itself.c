/* Waits on an epoll set whose members' numbers stand for the set itself by now: whoever follows
 * them goes round in circles.
 *
 * @row timing
 * @row detect
 * @fails-some stuck steps
 */
#include "attack.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

int main(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int set = epoll_create1(0), members[40];

    for (int i = 0; i < 40; i++) {
        members[i] = eventfd(0, 0);
        if (epoll_ctl(set, EPOLL_CTL_ADD, members[i], &event) == -1)
            return 1;
    }
    /* One that keeps the first alive; the others leave the set when their last descriptor closes.
     */
    for (int i = 0; i < 10; i++)
        dup(members[i]);
    for (int i = 0; i < 10; i++)
        dup2(set, members[i]);
    return epoll_wait(set, &event, 1, -1);
}
