/* Right: the reader looks for the byte in the file itself. */
#include "../u.h"

int main(void)
{
    char byte;
    int *data = shared(sizeof *data), file = scratch_file();
    if (fork() == 0) {
        *data = 42;
        pwrite(file, "x", 1, 0);
        _exit(0);
    }
    while (pread(file, &byte, 1, 0) == 0)
        usleep(200);
    return *data != 42 || reap();
}
