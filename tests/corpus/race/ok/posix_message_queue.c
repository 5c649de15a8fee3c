/* Right: mq_send() comes before mq_receive(). */
#include "../u.h"

int main(void)
{
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 8};
    char room[8];
    int *data = shared(sizeof *data);
    mqd_t queue = mq_open("/corpus_queue", O_CREAT | O_RDWR, 0600, &attributes);
    mq_unlink("/corpus_queue");
    if (fork() == 0) {
        *data = 42;
        mq_send(queue, "go", 3, 1);
        _exit(0);
    }
    mq_receive(queue, room, sizeof room, NULL);
    return *data != 42 || reap();
}
