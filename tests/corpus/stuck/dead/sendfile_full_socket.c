/* Dead: sendfile() of a large file to a socket pair, whose other side waits for a message first. */
#include "../../race/u.h"
#include <sys/sendfile.h>

int main(void)
{
    int ends[2], q = msgget(IPC_PRIVATE, 0600), f = scratch_file();
    struct {
        long type;
        char text[8];
    } m = {1, ""};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || ftruncate(f, 8 << 20))
        return 3;
    if (fork() == 0) {
        static char room[4096];
        close(ends[1]);
        msgrcv(q, &m, sizeof m.text, 0, 0);
        while (read(ends[0], room, sizeof room) > 0)
            ;
        _exit(0);
    }
    close(ends[0]);
    for (off_t at = 0; at < 8 << 20;)
        if (sendfile(ends[1], f, &at, (8 << 20) - (size_t)at) <= 0)
            return 3;
    close(ends[1]);
    msgsnd(q, &m, sizeof m.text, 0);
    return reap();
}
