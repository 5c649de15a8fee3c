/* A gigabyte on stdout.
 *
 * @row output
 * @fails output-limit
 * @says printed without end
 */
#include "attack.h"

int main(void)
{
    static char block[1 << 16];

    memset(block, 'x', sizeof block);
    for (int i = 0; i < 1 << 14; i++)
        if (write(1, block, sizeof block) == -1)
            return 1;
    return 0;
}
