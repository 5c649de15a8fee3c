/* Right: sendto() fails until the receiver is there. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "corpus_%d", (int)getpid());
    pid_t child = fork();
    if (child == 0) {
        int server = socket(AF_UNIX, SOCK_DGRAM, 0);
        *data = 42;
        bind(server, (struct sockaddr *)&address, sizeof address);
        pause();
    }
    int client = socket(AF_UNIX, SOCK_DGRAM, 0);
    while (sendto(client, "x", 1, 0, (struct sockaddr *)&address, sizeof address) == -1)
        usleep(200);
    int seen = *data;
    kill(child, SIGTERM);
    wait(NULL);
    return seen != 42;
}
