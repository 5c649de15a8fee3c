/* The heap by brk() itself, the stack by alloca(), both written to the end.
 *
 * @row memory
 * @fails-some output exit crash memory-limit
 */
#include "attack.h"

static int deeper(int depth)
{
    volatile char frame[65536];

    frame[0] = (char)depth;
    frame[65535] = 1;
    return depth > 1 << 20 ? frame[0] : deeper(depth + 1) + frame[65535];
}

int main(void)
{
    size_t got = 0;

    for (char *block; (block = sbrk(1 << 20)) != (void *)-1; got++)
        memset(block, 1, 1 << 20);
    if (got > 64)
        printf("BREACH: %zu MiB of memory\n", got);
    fflush(stdout);
    return deeper(0);
}
