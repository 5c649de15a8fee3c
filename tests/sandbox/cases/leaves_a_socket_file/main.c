/* Binds a socket to a path and closes it: the file outlives the socket. */
#include <err.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "server.sock"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd == -1)
        err(EXIT_FAILURE, "socket(AF_UNIX)");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == -1)
        err(EXIT_FAILURE, "bind(server.sock)");
    if (close(fd) == -1)
        err(EXIT_FAILURE, "close(server.sock)");
    return 0;
}
