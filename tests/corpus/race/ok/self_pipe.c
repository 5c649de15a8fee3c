/* Right: the handler writes a byte to a pipe that the loop polls. */
#include "../u.h"

static int ends[2];

static void handler(int number)
{
    int error = errno;
    char byte = (char)number;
    write(ends[1], &byte, 1);
    errno = error;
}

int main(void)
{
    int *data = shared(sizeof *data);
    char byte = 0;
    pipe(ends);
    handle(SIGUSR1, handler);
    if (fork() == 0) {
        *data = 42;
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    struct pollfd watched = {ends[0], POLLIN, 0};
    while (poll(&watched, 1, -1) == -1 && errno == EINTR)
        ;
    read(ends[0], &byte, 1);
    return byte != SIGUSR1 || *data != 42 || reap();
}
