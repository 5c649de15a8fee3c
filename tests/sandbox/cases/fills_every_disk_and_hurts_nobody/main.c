/* Fills each place in which it may write: with bytes, then with names. */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char block[4 << 20];

static void fill(const char *place)
{
    char path[64];

    for (int i = 0; i < 64; i++) {
        snprintf(path, sizeof path, "%s/large%d", place, i);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        if (fd == -1)
            break;
        ssize_t written = write(fd, block, sizeof block);
        close(fd);
        if (written < (ssize_t)sizeof block)
            break;
    }
    for (int i = 0; i < 10000; i++) {
        snprintf(path, sizeof path, "%s/%d", place, i);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        if (fd == -1)
            break;
        close(fd);
    }
}

int main(void)
{
    struct mq_attr room = {.mq_maxmsg = 1, .mq_msgsize = 1};
    char name[32];

    memset(block, 'x', sizeof block);
    fill(".");
    fill("/tmp");
    fill("/var/tmp");
    fill("/dev/shm");
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "/%d", i);
        mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0600, &room);
        if (queue == (mqd_t)-1)
            break;
        mq_close(queue);
    }
    return 0;
}
