/* Right: each maps a page of its own of one file. */
#include "../u.h"

int main(void)
{
    int f = scratch_file();
    if (ftruncate(f, 8192))
        return 3;
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, i * 4096);
            for (int k = 0; k < 100; k++)
                ++*p;
            _exit(0);
        }
    int r = reap();
    int *a = mmap(NULL, 8192, PROT_READ, MAP_SHARED, f, 0);
    return r || a[0] != 100 || a[1024] != 100;
}
