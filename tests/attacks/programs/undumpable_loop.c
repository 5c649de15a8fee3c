/* Undumpable processes that use the CPU for ever: nobody shall have to read their /proc to see
 * that.
 *
 * @row timing
 * @row ptrace
 * @fails busy-loop
 * @says CPU time
 */
#include "attack.h"

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    fork();
    for (;;)
        ;
}
