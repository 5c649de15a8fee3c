/* open() for reading waits for a writer, and nobody is one. */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    if (mkfifo("jobs.fifo", 0600) == -1)
        err(EXIT_FAILURE, "mkfifo(jobs.fifo)");
    int fd = open("jobs.fifo", O_RDONLY);
    if (fd == -1)
        err(EXIT_FAILURE, "open(jobs.fifo)");
    close(fd);
    unlink("jobs.fifo");
    return 0;
}
