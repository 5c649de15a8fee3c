/* Right: memory that was passed as a descriptor, and the message that passed it. */
#include "../u.h"

int main(void)
{
    int sv[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
    if (fork() == 0) {
        char b;
        struct iovec v = {&b, 1};
        union {
            struct cmsghdr h;
            char c[CMSG_SPACE(sizeof(int))];
        } u;
        struct msghdr m = {
            .msg_iov = &v, .msg_iovlen = 1, .msg_control = u.c, .msg_controllen = sizeof u.c};
        if (recvmsg(sv[1], &m, 0) != 1)
            _exit(1);
        int fd;
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
        int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        int bad = *p != 5;
        *p = 6;
        if (write(sv[1], "x", 1) != 1)
            bad = 1;
        _exit(bad);
    }
    int fd = memfd_create("x", 0);
    if (ftruncate(fd, 4096))
        return 3;
    int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    *p = 5;
    char b = 'a';
    struct iovec v = {&b, 1};
    union {
        struct cmsghdr h;
        char c[CMSG_SPACE(sizeof(int))];
    } u;
    memset(&u, 0, sizeof u);
    struct msghdr m = {
        .msg_iov = &v, .msg_iovlen = 1, .msg_control = u.c, .msg_controllen = sizeof u.c};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    if (sendmsg(sv[0], &m, 0) != 1)
        return 3;
    if (read(sv[0], &b, 1) != 1)
        return 3;
    int r = *p != 6;
    return reap() || r;
}
