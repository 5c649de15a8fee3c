/* POSIX message queues and SysV tables: as many and as large as the kernel gives.
 *
 * @row filling
 * @row tables
 * @fails output no-leftover-ipc
 */
#include "attack.h"
#include <mqueue.h>

int main(void)
{
    struct mq_attr large = {.mq_maxmsg = 10, .mq_msgsize = 8192};
    static char message[8192];
    int made = 0;
    char name[40];

    for (int n = 0; n < 1000; n++) {
        snprintf(name, sizeof name, "/" TAG "%d", n);
        mqd_t queue = mq_open(name, O_CREAT | O_RDWR | O_NONBLOCK, 0600, &large);
        if (queue == (mqd_t)-1)
            break;
        while (mq_send(queue, message, sizeof message, 0) == 0)
            ;
        mq_close(queue);
        made++;
    }
    held(made < 100, "a hundred message queues");
    large.mq_maxmsg = 65536;
    large.mq_msgsize = 16 << 20;
    refused(mq_open("/" TAG "-huge", O_CREAT | O_RDWR, 0600, &large), "a queue of a terabyte");
    return done();
}
