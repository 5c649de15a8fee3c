/* Right: what was renamed by renameat() is there. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    char d[] = "/tmp/atXXXXXX";
    if (!mkdtemp(d))
        return 3;
    int h = open(d, O_DIRECTORY | O_RDONLY);
    if (fork() == 0) {
        int f = openat(h, "t", O_CREAT | O_WRONLY, 0600);
        close(f);
        *n = 3;
        renameat(h, "t", h, "ready");
        _exit(0);
    }
    struct stat s;
    while (fstatat(h, "ready", &s, 0))
        usleep(100);
    int r = *n != 3;
    *n = 4;
    int k = reap();
    unlinkat(h, "ready", 0);
    rmdir(d);
    return r || k;
}
