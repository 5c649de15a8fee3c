/* Right: mq_notify() sends a signal when a message has come. */
#include "../u.h"

int main(void)
{
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 8};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    sigset_t only;
    int *data = shared(sizeof *data), number;
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, NULL);
    mqd_t queue = mq_open("/corpus_notify", O_CREAT | O_RDWR, 0600, &attributes);
    mq_unlink("/corpus_notify");
    mq_notify(queue, &event);
    if (fork() == 0) {
        *data = 42;
        mq_send(queue, "go", 3, 1);
        _exit(0);
    }
    sigwait(&only, &number);
    return *data != 42 || reap();
}
