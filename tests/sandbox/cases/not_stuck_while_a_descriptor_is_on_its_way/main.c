/* The only write end of a pipe lies in a socket; who will take it out of there computes first. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

union Room {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static void take_and_write(int socket_end)
{
    union Room room;
    char byte;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = room.bytes,
                             .msg_controllen = sizeof room.bytes};
    int end;

    for (volatile unsigned long i = 0; i < 200000000; i++)
        ;
    if (recvmsg(socket_end, &message, 0) != 1)
        _exit(1);
    memcpy(&end, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof end);
    _exit(write(end, "x", 1) == 1 ? 0 : 1);
}

static void send_end(int socket_end, int end)
{
    union Room room = {0};
    struct iovec data = {"x", 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = room.bytes,
                             .msg_controllen = sizeof room.bytes};

    room.header.cmsg_level = SOL_SOCKET;
    room.header.cmsg_type = SCM_RIGHTS;
    room.header.cmsg_len = CMSG_LEN(sizeof end);
    memcpy(CMSG_DATA(&room.header), &end, sizeof end);
    if (sendmsg(socket_end, &message, 0) != 1)
        err(EXIT_FAILURE, "sendmsg");
}

int main(void)
{
    int pair[2], ends[2];
    char byte;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        err(EXIT_FAILURE, "socketpair");
    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        take_and_write(pair[1]);
        break;
    default:
        break;
    }
    if (pipe(ends) == -1)
        err(EXIT_FAILURE, "pipe");
    send_end(pair[0], ends[1]);
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        errx(EXIT_FAILURE, "nothing came");
    if (wait(NULL) == -1)
        err(EXIT_FAILURE, "wait");
    return 0;
}
