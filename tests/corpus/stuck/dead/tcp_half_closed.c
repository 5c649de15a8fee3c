/* Dead: the client shuts its side down and waits for an answer, the server for a semaphore. */
#include "../../race/u.h"
#include <netinet/in.h>

int main(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0), set = semaphores(1, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    char text[16];
    if (bind(s, (void *)&a, sizeof a) || listen(s, 5) || getsockname(s, (void *)&a, &size))
        return 3;
    if (fork() == 0) {
        int c = socket(AF_INET, SOCK_STREAM, 0);
        close(s);
        if (connect(c, (void *)&a, sizeof a) || write(c, "hello", 5) != 5)
            _exit(3);
        shutdown(c, SHUT_WR);
        if (read(c, text, sizeof text) <= 0)
            _exit(3);
        V(set, 0);
        _exit(0);
    }
    int c = accept(s, NULL, NULL);
    while (read(c, text, sizeof text) > 0)
        ;
    P(set, 0);
    write(c, "bye", 3);
    close(c);
    return reap();
}
