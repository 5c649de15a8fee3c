/* Endless stderr, one byte at a time, from several processes.
 *
 * @row output
 * @fails-some output-limit busy-loop
 */
#include "attack.h"

int main(void)
{
    fork();
    fork();
    for (;;)
        if (write(2, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", 33) == -1)
            return 1;
}
