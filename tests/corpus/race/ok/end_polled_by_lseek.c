/* Right: lseek() to the end until there is something before it. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int f = scratch_file();
    if (fork() == 0) {
        *n = 3;
        if (write(f, "x", 1) != 1)
            _exit(1);
        _exit(0);
    }
    while (lseek(f, 0, SEEK_END) == 0)
        usleep(100);
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
