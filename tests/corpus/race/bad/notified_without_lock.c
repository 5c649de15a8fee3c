/* The thread that mq_notify() makes counts, and so does the program: nothing orders the two. */
#include "../u.h"

static int *count;
static sem_t told;

static void on_message(union sigval value)
{
    (void)value;
    ++*count;
    sem_post(&told);
}

int main(void)
{
    char name[64];
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 16};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_message};
    count = shared(sizeof *count);
    sem_init(&told, 0, 0);
    snprintf(name, sizeof name, "/notified.%ld", (long)getpid());
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    if (queue == (mqd_t)-1 || mq_unlink(name) == -1 || mq_notify(queue, &event) == -1)
        return 3;
    if (mq_send(queue, "now", 4, 0) == -1)
        return 4;
    ++*count;
    while (sem_wait(&told) == -1)
        ;
    return *count != 2;
}
