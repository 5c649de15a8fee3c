/* Right: fstat() until the file has a size. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int f = scratch_file();
    if (fork() == 0) {
        *n = 3;
        if (ftruncate(f, 10))
            _exit(1);
        _exit(0);
    }
    struct stat s;
    do
        fstat(f, &s);
    while (s.st_size == 0);
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
