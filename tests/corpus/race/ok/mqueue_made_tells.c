/* Right: the child asks for the POSIX queue until it is there, which is after the value is. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    char name[64];
    snprintf(name, sizeof name, "/ready.%d", (int)getpid());
    if (fork() == 0) {
        mqd_t queue;
        while ((queue = mq_open(name, O_RDONLY)) == (mqd_t)-1)
            usleep(500);
        _exit(*value != 7);
    }
    *value = 7;
    struct mq_attr about = {.mq_maxmsg = 2, .mq_msgsize = 8};
    if (mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &about) == (mqd_t)-1)
        return 4;
    int failed = reap();
    return mq_unlink(name) == -1 || failed;
}
