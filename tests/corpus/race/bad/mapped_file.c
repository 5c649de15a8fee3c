/* Wrong: a mapped file is shared memory like any other, and nothing guards it. */
#include "../u.h"

int main(void)
{
    int file = scratch_file();
    ftruncate(file, 4096);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int *count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            ++*count;
            _exit(0);
        }
    return reap();
}
