/* Right: mq_getattr() until there is a message. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    struct mq_attr a = {.mq_maxmsg = 4, .mq_msgsize = 8};
    mqd_t q = mq_open("/qlp", O_CREAT | O_RDWR, 0600, &a);
    if (q == (mqd_t)-1)
        return 3;
    if (fork() == 0) {
        *n = 3;
        mq_send(q, "x", 1, 0);
        _exit(0);
    }
    do
        mq_getattr(q, &a);
    while (a.mq_curmsgs == 0);
    int r = *n != 3;
    *n = 4;
    int k = reap();
    mq_unlink("/qlp");
    return r || k;
}
