/* Puts another program in its own place, wherever it can write. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char script[] = "#!/bin/sh\necho another one\n";

static void replace(const char *path)
{
    int fd = open(path, O_WRONLY | O_TRUNC);
    if (fd != -1) {
        printf("%s can be written to\n", path);
        close(fd);
    }
    chmod(path, 0777);
    if (unlink(path) == 0 || rename("evil", path) == 0) {
        fd = open(path, O_WRONLY | O_CREAT, 0777);
        if (fd != -1 && write(fd, script, sizeof script - 1) > 0)
            close(fd);
    }
}

int main(int argc, char *argv[])
{
    char path[256];

    (void)argv;
    if (argc == 1) {
        puts("the real one");
        return 0;
    }
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    replace("./main");
    replace(path);
    replace("/programs/plain/main");
    if (mkdir("/programs/evil", 0777) == 0 || rename("/programs/plain", "/programs/x") == 0)
        puts("/programs can be written to");
    /* Of an ordinary user's sandbox the first is possible, and must not be in anybody's way. */
    if (mkdir("/build/sanitized", 0) == -1 || symlink("/work", "/build/plain") == -1)
        return 0;
    return 0;
}
