/* Writes a temporary file and forgets unlink(). */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    int fd = open("scratch.tmp", O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd == -1)
        err(EXIT_FAILURE, "open(scratch.tmp)");
    if (write(fd, "hello\n", 6) != 6)
        err(EXIT_FAILURE, "write(scratch.tmp)");
    if (close(fd) == -1)
        err(EXIT_FAILURE, "close(scratch.tmp)");
    return 0;
}
