/* Right: a client writes to the shared memory before it connects, the server reads what it sent. */
#include "../u.h"

int main(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/tmp/corpus_%d", (int)getpid());
    int *data = shared(sizeof *data), server = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(server, (struct sockaddr *)&address, sizeof address);
    listen(server, 4);
    if (fork() == 0) {
        int client = socket(AF_UNIX, SOCK_STREAM, 0);
        *data = 42;
        connect(client, (struct sockaddr *)&address, sizeof address);
        write(client, "x", 1);
        _exit(0);
    }
    char byte;
    int client = accept(server, NULL, NULL);
    read(client, &byte, 1);
    int got = *data;
    unlink(address.sun_path);
    return reap() || got != 42;
}
