/* Right: ranges that are longer than 4 GiB overlap where they do. */
#include "../u.h"

#define GIB ((off_t)1 << 30)

int main(void)
{
    int *data = shared(sizeof *data), file = scratch_file();
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            for (int k = 0; k < 3; k++) {
                record_lock(file, F_WRLCK, i * 2 * GIB, (9 - i * 2) * GIB);
                ++*data;
                record_lock(file, F_UNLCK, 0, 0);
            }
            _exit(0);
        }
    return reap() || *data != 9;
}
