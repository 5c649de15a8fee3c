/* Right: the reader looks at the file's length, which the writer makes last. */
#include "../u.h"

int main(void)
{
    struct stat about = {0};
    int *data = shared(sizeof *data), file = scratch_file();
    if (fork() == 0) {
        *data = 42;
        write(file, "x", 1);
        _exit(0);
    }
    while (fstat(file, &about) == 0 && about.st_size == 0)
        usleep(200);
    return *data != 42 || reap();
}
