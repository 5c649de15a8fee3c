/* A server to which nobody connects. */
#include "case.h"

int main(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "server.sock"};
    int server = checked(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    check(bind(server, (struct sockaddr *)&address, sizeof address), "bind");
    check(listen(server, 1), "listen");
    check(accept(server, NULL, NULL), "accept");
    return 0;
}
