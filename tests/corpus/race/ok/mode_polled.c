/* Right: fstat() until the mode has changed. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int f = scratch_file();
    if (fork() == 0) {
        *n = 3;
        fchmod(f, 0400);
        _exit(0);
    }
    struct stat s;
    do
        fstat(f, &s);
    while (s.st_mode & 0200);
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
