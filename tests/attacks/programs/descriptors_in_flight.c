/* What it has locked and bound is open in nobody, only under way in a socket that a stray holds, in
 * a circle.
 *
 * @row daemons
 * @points 6
 * @fails no-stray-processes no-leftover-files
 */
#include "attack.h"
#include <sys/file.h>
#include <sys/un.h>

static void pass(int over, int fd)
{
    char byte = 0, space[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    if (sendmsg(over, &message, 0) == 1)
        close(fd);
}

int main(int argc, char *argv[])
{
    int ends[2];
    int locked = open("locked", O_CREAT | O_RDWR, 0600);

    answer(argc, argv);
    if (locked == -1 || flock(locked, LOCK_EX) == -1 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
        return 1;
    pass(ends[0], locked);
    pass(ends[0], dup(ends[1]));
    pass(ends[1], memfd_create("\n(deleted)", 0));
    if (fork() == 0)
        for (;;)
            pause();
    return 0;
}
