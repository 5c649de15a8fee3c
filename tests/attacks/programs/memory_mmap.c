/* Shared anonymous memory, which is nobody's heap: mapped, written, unmapped by nobody.
 *
 * @row memory
 * @fails-some output exit crash memory-limit
 */
#include "attack.h"

int main(void)
{
    size_t got = 0;

    for (;; got++) {
        char *block =
            mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED)
            break;
        memset(block, 1, 1 << 20);
    }
    if (got > 64)
        printf("BREACH: %zu MiB of memory\n", got);
    return 3;
}
