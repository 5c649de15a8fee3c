/* Right: a pipe with one byte in it is a mutex. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), ends[2];
    char token = 'x';
    pipe(ends);
    write(ends[1], &token, 1);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            read(ends[0], &token, 1);
            ++*count;
            write(ends[1], &token, 1);
            _exit(0);
        }
    return reap() || *count != 4;
}
