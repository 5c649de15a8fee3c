/* Right: poll() tells by POLLRDHUP that the client has gone, and with it all that it did. */
#include "../u.h"
#include <netinet/in.h>
int main(void)
{
    int *data = shared(4096), listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4))
        return 2;
    getsockname(listener, (struct sockaddr *)&address, &length);
    if (fork() == 0) {
        int server = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(server, (struct sockaddr *)&address, length))
            _exit(3);
        data[0] = 11;
        _exit(0);
    }
    int client = accept(listener, NULL, NULL);
    struct pollfd one = {client, POLLRDHUP, 0};
    poll(&one, 1, -1);
    int ok = data[0] == 11;
    return reap() || !ok;
}
