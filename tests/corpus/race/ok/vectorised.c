/* Right: each adds up its half, in loops that -O2 makes vector code of. */
#include "../u.h"

int main(void)
{
    int *numbers = segment(512 * sizeof *numbers), *sums = shared(2 * sizeof *sums);
    for (int i = 0; i < 512; i++)
        numbers[i] = i;
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int sum = 0;
            for (int k = 256 * i; k < 256 * i + 256; k++)
                sum += numbers[k];
            sums[i] = sum;
            for (int k = 256 * i; k < 256 * i + 256; k++)
                numbers[k] *= 2;
            _exit(0);
        }
    return reap() || sums[0] + sums[1] != 511 * 256;
}
