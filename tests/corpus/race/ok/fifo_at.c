/* Right: a FIFO made and opened relative to a directory. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    char d[] = "/tmp/atXXXXXX";
    if (!mkdtemp(d))
        return 3;
    int h = open(d, O_DIRECTORY | O_RDONLY);
    if (mkfifoat(h, "f", 0600))
        return 3;
    if (fork() == 0) {
        *n = 3;
        int w = openat(h, "f", O_WRONLY);
        close(w);
        _exit(0);
    }
    int f = openat(h, "f", O_RDONLY);
    char c;
    if (read(f, &c, 1) != 0)
        return 3;
    int r = *n != 3;
    *n = 4;
    int k = reap();
    unlinkat(h, "f", 0);
    rmdir(d);
    return r || k;
}
