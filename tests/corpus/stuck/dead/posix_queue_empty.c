/* Dead: nobody sends. */
#include "../../race/u.h"

int main(void)
{
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 8};
    char room[8];
    mqd_t queue = mq_open("/corpus_dead", O_CREAT | O_RDWR, 0600, &attributes);
    mq_unlink("/corpus_dead");
    mq_receive(queue, room, sizeof room, NULL);
    return 0;
}
