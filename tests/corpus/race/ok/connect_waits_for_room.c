/* Right: the last connect() waits until the server accepts the ones before it. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), listener = socket(AF_UNIX, SOCK_STREAM, 0), ends[2];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char byte;
    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "corpus_%d", (int)getpid());
    bind(listener, (struct sockaddr *)&address, sizeof address);
    listen(listener, 0);
    pipe(ends);
    if (fork() == 0) {
        for (int i = 0; i < 2; i++) {
            int client = socket(AF_UNIX, SOCK_STREAM, 0);
            if (connect(client, (struct sockaddr *)&address, sizeof address) == -1)
                _exit(2);
            if (i == 0)
                write(ends[1], "x", 1);
        }
        _exit(*data != 42);
    }
    read(ends[0], &byte, 1);
    *data = 42;
    accept(listener, NULL, NULL);
    return reap();
}
