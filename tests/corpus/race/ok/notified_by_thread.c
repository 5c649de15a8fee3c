/* Right: the thread that mq_notify() makes finds what the sender wrote before it sent; it asks
 * again, then receives. */
#include "../u.h"

enum { MESSAGES = 3 };

static int *value, sum;
static mqd_t queue;
static sem_t over;

static void on_message(union sigval given)
{
    char room[16];
    struct sigevent again = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_message};
    sum += *value;
    if (given.sival_int + 1 == MESSAGES) {
        sem_post(&over);
        return;
    }
    again.sigev_value.sival_int = given.sival_int + 1;
    mq_notify(queue, &again);
    mq_receive(queue, room, sizeof room, NULL);
    sem_post(&over);
}

int main(void)
{
    char name[64];
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 16};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_message};
    value = shared(sizeof *value);
    sem_init(&over, 0, 0);
    snprintf(name, sizeof name, "/notified.%ld", (long)getpid());
    queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    if (queue == (mqd_t)-1 || mq_unlink(name) == -1 || mq_notify(queue, &event) == -1)
        return 3;
    for (int i = 0; i < MESSAGES; i++) {
        pid_t child = fork();
        if (child == 0) {
            *value += i + 1;
            _exit(mq_send(queue, "now", 4, 0) == -1);
        }
        if (waitpid(child, NULL, 0) == -1)
            return 4;
        while (sem_wait(&over) == -1)
            ;
    }
    return sum != 1 + 3 + 6;
}
