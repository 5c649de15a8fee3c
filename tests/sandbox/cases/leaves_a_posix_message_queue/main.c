/* Makes a POSIX message queue, sends two messages, and forgets mq_unlink(). */
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdlib.h>

int main(void)
{
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 32};
    mqd_t queue = mq_open("/jobs", O_WRONLY | O_CREAT | O_EXCL, 0600, &attributes);
    if (queue == (mqd_t)-1)
        err(EXIT_FAILURE, "mq_open(/jobs)");

    if (mq_send(queue, "one", 3, 0) == -1 || mq_send(queue, "three", 5, 0) == -1)
        err(EXIT_FAILURE, "mq_send(/jobs)");
    if (mq_close(queue) == -1)
        err(EXIT_FAILURE, "mq_close(/jobs)");
    return 0;
}
