/* Right: bytes that the kernel moves tell as much as those that are read. */
#include "../u.h"
#include <sys/sendfile.h>

int main(void)
{
    int *data = shared(sizeof *data), first[2], second[2], file = scratch_file();
    char byte = 'x';
    pipe(first);
    pipe(second);
    write(file, &byte, 1);
    if (fork() == 0) {
        off_t start = 0;
        *data = 41;
        sendfile(first[1], file, &start, 1);
        _exit(0);
    }
    if (fork() == 0) {
        splice(first[0], NULL, second[1], NULL, 1, 0);
        _exit(0);
    }
    read(second[0], &byte, 1);
    ++*data;
    return reap() || *data != 42;
}
