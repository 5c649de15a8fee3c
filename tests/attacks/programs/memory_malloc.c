/* malloc() and write, until no more is given, then for ever.
 *
 * @row memory
 * @fails-some output exit crash memory-limit
 */
#include "attack.h"

int main(void)
{
    size_t got = 0;

    for (char *block; (block = malloc(1 << 20)) != NULL; got++)
        memset(block, 1, 1 << 20);
    if (got > 64)
        printf("BREACH: %zu MiB of memory\n", got);
    return 3;
}
