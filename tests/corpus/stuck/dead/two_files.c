/* Dead: flock() on one file and then the other, in two orders, behind a barrier of pipes. */
#include "../../race/u.h"

int main(void)
{
    int files[2] = {scratch_file(), scratch_file()}, ends[2][2];
    char name[64], byte;
    pipe(ends[0]);
    pipe(ends[1]);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 2; k++) {
                snprintf(name, sizeof name, "/proc/self/fd/%d", files[(i + k) % 2]);
                flock(open(name, O_RDWR), LOCK_EX);
                write(ends[i][1], "x", 1);
                read(ends[1 - i][0], &byte, 1);
            }
            _exit(0);
        }
    return reap();
}
