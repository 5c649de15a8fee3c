/* Wrong: two bytes of a file are locked in two orders; the kernel says EDEADLK to one. */
#include "../u.h"

int main(void)
{
    int file = scratch_file();
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int failed = record_lock(file, F_WRLCK, i, 1);
            failed |= record_lock(file, F_WRLCK, 1 - i, 1);
            _exit(failed != 0);
        }
    return reap();
}
