/* The parent keeps the lock while it waits for the child that wants it. Two crossed record locks
   the kernel finds by itself (EDEADLK); a lock and a wait() it does not. */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open("data.db", O_RDWR | O_CREAT, 0600);

    if (fd == -1)
        err(EXIT_FAILURE, "open(data.db)");
    if (fcntl(fd, F_SETLKW, &whole) == -1)
        err(EXIT_FAILURE, "fcntl(F_SETLKW)");
    switch (fork()) {
    case -1:
        err(EXIT_FAILURE, "fork");
    case 0:
        if (fcntl(fd, F_SETLKW, &whole) == -1)
            _exit(1);
        _exit(0);
    default:
        break;
    }
    if (wait(NULL) == -1)
        err(EXIT_FAILURE, "wait");
    return 0;
}
