/* Right: a lock by flock() is passed on with its descriptor. */
#include "../u.h"

int main(void)
{
    char name[] = "/tmp/corpus_XXXXXX";
    int file = mkstemp(name), *count = shared(sizeof *count), ends[2];
    close(file);
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    char byte = 'x', room[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {&byte, 1};
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    if (fork() == 0) {
        recvmsg(ends[1], &m, 0);
        int locked;
        memcpy(&locked, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof locked);
        ++*count;
        flock(locked, LOCK_UN);
        _exit(0);
    }
    file = open(name, O_RDWR);
    flock(file, LOCK_EX);
    ++*count;
    struct cmsghdr *head = CMSG_FIRSTHDR(&m);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof file);
    memcpy(CMSG_DATA(head), &file, sizeof file);
    sendmsg(ends[0], &m, 0);
    int other = open(name, O_RDWR);
    flock(other, LOCK_EX);
    ++*count;
    flock(other, LOCK_UN);
    int failed = reap();
    unlink(name);
    return failed || *count != 3;
}
