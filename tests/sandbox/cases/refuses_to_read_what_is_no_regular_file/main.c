/* Puts something at out.txt that a careless reader would follow, wait for or choke on. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    const char *path = "out.txt", *kind = argc > 1 ? argv[1] : "";

    if (strcmp(kind, "fifo") == 0)
        return mkfifo(path, 0600) == -1;
    if (strcmp(kind, "link") == 0)
        return symlink("/etc/passwd", path) == -1;
    if (strcmp(kind, "device") == 0)
        return symlink("/dev/zero", path) == -1;
    if (strcmp(kind, "directory") == 0)
        return mkdir(path, 0000) == -1;
    if (strcmp(kind, "sparse") == 0) {
        int fd = open(path, O_WRONLY | O_CREAT, 0000);
        return fd == -1 || ftruncate(fd, 10LL << 30) == -1;
    }
    return 0;
}
