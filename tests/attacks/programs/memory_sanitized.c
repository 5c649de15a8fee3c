/* Behaves, until it is built with AddressSanitizer, which needs a terabyte of address space: then
 * takes all.
 *
 * @row memory
 * @row detect
 * @exercise twice-built
 * @fails-some memory memory-limit exit crash busy-loop sanitizer
 * @points 0..8
 */
#include "attack.h"

int main(int argc, char *argv[])
{
#ifdef __SANITIZE_ADDRESS__
    for (int i = 0; i < 10; i++)
        fork();
    for (;;) {
        char *block =
            mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (block != MAP_FAILED)
            memset(block, 1, 1 << 20);
    }
#endif
    return answer(argc, argv);
}
