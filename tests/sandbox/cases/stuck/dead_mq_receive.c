/* Waits for a message in its own empty POSIX queue. */
#include "case.h"

#include <mqueue.h>

int main(void)
{
    char name[64], room[64];
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = sizeof room};
    snprintf(name, sizeof name, "/stuck-%d", (int)getpid());
    mqd_t queue =
        (mqd_t)check(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes), "mq_open");
    check(mq_unlink(name), "mq_unlink");
    check(mq_receive(queue, room, sizeof room, NULL), "mq_receive");
    return 0;
}
