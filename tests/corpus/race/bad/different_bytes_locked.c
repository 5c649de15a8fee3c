/* Wrong: each locks a byte of its own. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int f = scratch_file();
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 10; k++) {
                record_lock(f, F_WRLCK, i, 1);
                ++*n;
                record_lock(f, F_UNLCK, i, 1);
            }
            _exit(0);
        }
    reap();
    return 0;
}
