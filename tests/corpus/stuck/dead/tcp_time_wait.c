/* Dead: one TCP client has gone (TIME_WAIT), and the server waits for a second one. */
#include "../../race/u.h"
#include <netinet/in.h>

int main(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    if (bind(s, (void *)&a, sizeof a) || listen(s, 5) || getsockname(s, (void *)&a, &size))
        return 3;
    if (fork() == 0) {
        int c = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(c, (void *)&a, sizeof a) || write(c, "hello", 5) != 5)
            _exit(3);
        close(c);
        _exit(0);
    }
    for (int i = 0; i < 2; i++) {
        char text[16];
        int c = accept(s, NULL, NULL);
        while (read(c, text, sizeof text) > 0)
            ;
        close(c);
    }
    return reap();
}
