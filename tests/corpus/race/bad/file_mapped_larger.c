/* Wrong: a file is mapped small, made larger, and mapped again. */
#include "../u.h"

int main(void)
{
    int file = scratch_file();
    if (ftruncate(file, 4096))
        return 3;
    int *some = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (fork() == 0) {
        if (ftruncate(file, 8192))
            _exit(3);
        int *all = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        ++*all;
        _exit(0);
    }
    ++*some;
    return reap();
}
