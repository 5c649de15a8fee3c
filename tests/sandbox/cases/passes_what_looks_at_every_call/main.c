/* Copies its input whatever the calls do: interrupted, short, or failed. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static int copy(const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, data, length);
        if (written == -1 && errno == EINTR)
            continue;
        if (written == -1) {
            perror("write");
            return -1;
        }
        data += written;
        length -= (size_t)written;
    }
    return 0;
}

int main(void)
{
    char room[256];
    for (;;) {
        ssize_t length = read(STDIN_FILENO, room, sizeof room);
        if (length == -1 && errno == EINTR)
            continue;
        if (length == -1)
            perror("read");
        if (length <= 0)
            return length == -1;
        if (copy(room, (size_t)length) == -1)
            return 1;
    }
}
