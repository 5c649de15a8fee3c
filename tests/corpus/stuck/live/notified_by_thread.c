/* Live: a message comes late; mq_notify() makes a thread that receives it and posts. */
#include "../../race/u.h"

static sem_t come;
static mqd_t queue;
static char room[16];

static void receive(union sigval value)
{
    (void)value;
    if (mq_receive(queue, room, sizeof room, NULL) > 0)
        sem_post(&come);
}

int main(void)
{
    char name[64];
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = sizeof room};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = receive};
    sem_init(&come, 0, 0);
    snprintf(name, sizeof name, "/late_%ld", (long)getpid());
    queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    if (queue == (mqd_t)-1)
        return 3;
    mq_unlink(name);
    if (fork() == 0) {
        usleep(400000);
        _exit(mq_send(queue, "late", 5, 0) == -1);
    }
    if (mq_notify(queue, &event) == -1)
        return 4;
    while (sem_wait(&come) == -1)
        if (errno != EINTR)
            return 5;
    return reap() || strcmp(room, "late") != 0;
}
