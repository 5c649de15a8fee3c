/* Wrong: bytes that are 4 GiB apart are not the same. */
#include "../u.h"

#define FAR (((off_t)5 << 32) + 7)

int main(void)
{
    int *data = shared(2 * sizeof *data), file = scratch_file();
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            for (int k = 0; k < 3; k++) {
                record_lock(file, F_WRLCK, FAR + ((off_t)i << 32), 1);
                ++data[0];
                record_lock(file, F_UNLCK, FAR + ((off_t)i << 32), 1);
                record_lock(file, F_WRLCK, 7, 1);
                ++data[1];
                record_lock(file, F_UNLCK, 7, 1);
            }
            _exit(0);
        }
    return reap() || data[0] > 9 || data[1] != 9;
}
