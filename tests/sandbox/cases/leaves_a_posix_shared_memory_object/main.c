/* Makes a POSIX shared memory object of one page and forgets shm_unlink(). */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
    int fd = shm_open("/board", O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd == -1)
        err(EXIT_FAILURE, "shm_open(/board)");
    if (ftruncate(fd, 4096) == -1)
        err(EXIT_FAILURE, "ftruncate(/board)");
    if (close(fd) == -1)
        err(EXIT_FAILURE, "close(/board)");
    return 0;
}
