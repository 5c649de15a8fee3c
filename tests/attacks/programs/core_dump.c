/* Crashes with a large image; no core may be left, and no helper of the machine's be started for
 * it.
 *
 * @row priorities
 * @fails crash output
 * @says SIGSEGV
 */
#include "attack.h"

int main(void)
{
    char *large = malloc(16 << 20);

    if (large != NULL)
        memset(large, 1, 16 << 20);
    fflush(stdout);
    raise(SIGSEGV);
    return 0;
}
