/* Nothing will ever come through the pipe, and poll() knows when to give up. */
#include <err.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    int ends[2];

    if (pipe(ends) == -1)
        err(EXIT_FAILURE, "pipe");
    struct pollfd wanted = {.fd = ends[0], .events = POLLIN};
    return poll(&wanted, 1, 300) != 0;
}
