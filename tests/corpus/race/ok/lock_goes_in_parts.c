/* Right: the lock on the whole file is let go byte by byte, and each byte guards a slot. */
#include "../u.h"

int main(void)
{
    int *slots = shared(2 * sizeof *slots), file = scratch_file();
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            record_lock(file, F_WRLCK, 0, 2);
            slots[0]++;
            record_lock(file, F_UNLCK, 0, 1);
            slots[1]++;
            record_lock(file, F_UNLCK, 1, 1);
            _exit(0);
        }
    return reap() || slots[0] + slots[1] != 6;
}
