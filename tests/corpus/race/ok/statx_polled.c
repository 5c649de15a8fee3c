/* Right: statx() until the file is there. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    if (fork() == 0) {
        *n = 3;
        int f = open("/tmp/stx", O_CREAT | O_WRONLY, 0600);
        close(f);
        _exit(0);
    }
    struct statx s;
    while (statx(AT_FDCWD, "/tmp/stx", 0, STATX_SIZE, &s))
        usleep(100);
    int r = *n != 3;
    *n = 4;
    int k = reap();
    unlink("/tmp/stx");
    return r || k;
}
