/* Stuck in every way that tells a name, and each name is long, bytes that are no UTF-8, lines,
 * escapes.
 *
 * @row escapes
 * @row hostile-files
 * @fails-some stuck steps
 */
#include "attack.h"
#include <mqueue.h>
#include <sys/file.h>
#include <sys/un.h>

static char name[256], deep[4000];

int main(void)
{
    static const char odd[] =
        "\n::error::x\033[2J\xff\xfe\xed\xa0\x80\xc2\x9b) R 1 (\r<&]]>=1 (deleted)";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct mq_attr room = {.mq_maxmsg = 1, .mq_msgsize = 8};
    char queue[300], byte[8];
    int ends[2];

    memset(name, 'n', 250);
    memcpy(name, odd, sizeof odd - 1);
    for (int level = 0; level < 14; level++) {
        strcat(strcat(deep, level ? "/" : ""), name);
        mkdir(deep, 0700);
    }
    strcat(deep, "/fifo");
    mkfifo(deep, 0600);
    snprintf(queue, sizeof queue, "/%s", name);
    memcpy(address.sun_path, odd, sizeof odd - 1);
    memcpy(address.sun_path + sizeof odd, odd, sizeof odd - 1);
    if (pipe(ends) == -1)
        return 1;
    if (fork() == 0) {
        prctl(PR_SET_NAME, "\n) R 1 1 (\xff\x1b");
        return open(deep, O_RDONLY);
    }
    if (fork() == 0) {
        mqd_t opened = mq_open(queue, O_CREAT | O_RDWR, 0600, &room);
        mq_unlink(queue);
        return (int)mq_receive(opened, byte, sizeof byte, NULL);
    }
    if (fork() == 0) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        bind(fd, (struct sockaddr *)&address, sizeof address);
        listen(fd, 0);
        return accept(fd, NULL, NULL);
    }
    if (fork() == 0) {
        address.sun_path[0] = '\0';
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        bind(fd, (struct sockaddr *)&address, sizeof address);
        listen(fd, 0);
        return accept(fd, NULL, NULL);
    }
    int locked = open("\xff\n (deleted)", O_CREAT | O_RDWR, 0600);
    unlink("\xff\n (deleted)");
    flock(locked, LOCK_EX);
    if (fork() == 0)
        return flock(open("/proc/self/fd/5", O_RDWR), LOCK_EX);
    return wait(NULL) != -1;
}
