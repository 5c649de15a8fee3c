/* Right: datagrams between two sockets with names of their own, abstract ones. */
#include "../u.h"

static int named(const char *name, struct sockaddr_un *address, socklen_t *length)
{
    int made = socket(AF_UNIX, SOCK_DGRAM, 0);
    address->sun_family = AF_UNIX;
    snprintf(address->sun_path + 1, sizeof address->sun_path - 1, "corpus_%s", name);
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 8 + strlen(name));
    bind(made, (struct sockaddr *)address, *length);
    return made;
}

int main(void)
{
    struct sockaddr_un here = {0}, there = {0};
    socklen_t length;
    int *data = shared(sizeof *data), receiver = named("here", &here, &length);
    if (fork() == 0) {
        int sender = named("else", &there, &length);
        *data = 42;
        sendto(sender, "x", 1, 0, (struct sockaddr *)&here, length);
        _exit(0);
    }
    char byte;
    recvfrom(receiver, &byte, 1, 0, NULL, NULL);
    return *data != 42 || reap();
}
