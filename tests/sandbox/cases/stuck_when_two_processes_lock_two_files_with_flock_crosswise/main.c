/* Parent and child lock one file each, then want the other's. */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static void lock(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT, 0600);

    if (fd == -1)
        err(EXIT_FAILURE, "open(%s)", path);
    if (flock(fd, LOCK_EX) == -1)
        err(EXIT_FAILURE, "flock(%s)", path);
}

int main(void)
{
    int there[2], back[2];
    char byte = 'x';

    if (pipe(there) == -1 || pipe(back) == -1)
        err(EXIT_FAILURE, "pipe");
    pid_t pid = fork();
    if (pid == -1)
        err(EXIT_FAILURE, "fork");
    lock(pid == 0 ? "a" : "b");

    /* Meet: both have their first lock. */
    if (write(pid == 0 ? there[1] : back[1], &byte, 1) != 1 ||
        read(pid == 0 ? back[0] : there[0], &byte, 1) != 1)
        err(EXIT_FAILURE, "meeting");

    lock(pid == 0 ? "b" : "a");
    if (pid == 0)
        _exit(0);
    if (wait(NULL) == -1)
        err(EXIT_FAILURE, "wait");
    return 0;
}
