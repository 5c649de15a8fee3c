/* Right: each slot has its byte in the file; who sums locks them all. */
#include "../u.h"

int main(void)
{
    int *slots = shared(4 * sizeof *slots), file = scratch_file();
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            record_lock(file, F_WRLCK, i % 2, 1);
            slots[i % 2]++;
            record_lock(file, F_UNLCK, i % 2, 1);
            record_lock(file, F_RDLCK, 0, 2);
            int sum = slots[0] + slots[1];
            record_lock(file, F_UNLCK, 0, 2);
            _exit(sum < 1 || sum > 4);
        }
    return reap() || slots[0] + slots[1] != 4;
}
