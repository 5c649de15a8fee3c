/* A child locks the first ten bytes of a file and waits for ever; its parent is gone. */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void hold_lock(int ready)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};
    int fd = open("data.db", O_RDWR | O_CREAT, 0600);
    if (fd == -1)
        err(EXIT_FAILURE, "open(data.db)");
    if (fcntl(fd, F_SETLK, &lock) == -1)
        err(EXIT_FAILURE, "fcntl(data.db, F_SETLK)");

    /* The parent sees the end of the pipe when the lock is held. */
    if (close(ready) == -1)
        err(EXIT_FAILURE, "close");
    pause();
}

int main(void)
{
    int ready[2];
    char byte;
    if (pipe(ready) == -1)
        err(EXIT_FAILURE, "pipe");

    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        hold_lock(ready[1]);
        _exit(EXIT_SUCCESS);
    default:
        close(ready[1]);
        if (read(ready[0], &byte, 1) == -1)
            err(EXIT_FAILURE, "read");
        return 0;
    }
}
