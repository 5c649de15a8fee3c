/* Right: inotify tells that the other one has made the file. */
#include "../u.h"
#include <sys/inotify.h>

int main(void)
{
    int *n = shared(4096);
    char d[] = "/tmp/inoXXXXXX";
    if (!mkdtemp(d))
        return 3;
    int i = inotify_init1(0);
    inotify_add_watch(i, d, IN_CREATE);
    char f[64];
    snprintf(f, sizeof f, "%s/x", d);
    if (fork() == 0) {
        *n = 4;
        int h = open(f, O_CREAT | O_WRONLY, 0600);
        close(h);
        _exit(0);
    }
    char b[512];
    if (read(i, b, sizeof b) <= 0)
        return 3;
    int r = *n != 4;
    *n = 5;
    int k = reap();
    unlink(f);
    rmdir(d);
    return r || k;
}
