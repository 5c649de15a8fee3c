/* A child listens on an abstract socket and waits for ever; its parent is gone. */
#include <err.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char name[] = "lobby";

int main(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd == -1)
        err(EXIT_FAILURE, "socket(AF_UNIX)");

    /* A name that begins with a zero byte is in no file system; its length tells its end. */
    memcpy(address.sun_path + 1, name, sizeof name - 1);
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + sizeof name;
    if (bind(fd, (struct sockaddr *)&address, length) == -1)
        err(EXIT_FAILURE, "bind(@%s)", name);
    if (listen(fd, 1) == -1)
        err(EXIT_FAILURE, "listen(@%s)", name);

    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        pause();
        _exit(EXIT_SUCCESS);
    default:
        return 0;
    }
}
