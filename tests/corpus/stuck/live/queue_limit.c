/* Live: mq_timedreceive() with a limit. */
#include "../../race/u.h"

int main(void)
{
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 8};
    struct timespec limit;
    char room[8];
    mqd_t queue = mq_open("/corpus_live", O_CREAT | O_RDWR, 0600, &attributes);
    mq_unlink("/corpus_live");
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_nsec += 300000000;
    limit.tv_sec += limit.tv_nsec / 1000000000;
    limit.tv_nsec %= 1000000000;
    return mq_timedreceive(queue, room, sizeof room, NULL, &limit) != -1;
}
