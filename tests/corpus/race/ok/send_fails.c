/* Right: send() fails when the other end is closed, and read() with what was unread there. */
#include "../u.h"

int main(void)
{
    int *data = shared(2 * sizeof *data), pair[2], other[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    socketpair(AF_UNIX, SOCK_STREAM, 0, other);
    write(other[0], "unread", 6);
    signal(SIGPIPE, SIG_IGN);
    pid_t child = fork();
    if (child == 0) {
        close(pair[0]);
        close(other[0]);
        data[0] = 42;
        close(pair[1]);
        usleep(2000);
        data[1] = 43;
        close(other[1]);
        pause();
    }
    close(pair[1]);
    close(other[1]);
    while (send(pair[0], "x", 1, MSG_NOSIGNAL) == 1)
        usleep(200);
    int seen = data[0];
    char byte;
    if (read(other[0], &byte, 1) != -1 || errno != ECONNRESET)
        return 4;
    int too = data[1];
    kill(child, SIGTERM);
    wait(NULL);
    return seen != 42 || too != 43;
}
