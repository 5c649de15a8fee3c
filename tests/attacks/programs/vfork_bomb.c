/* vfork() inside vfork(): each child runs on the memory of a parent that waits for it.
 *
 * @row bombs
 * @fails-some busy-loop crash memory-limit
 * @says CPU time
 */
#include "attack.h"

int main(void)
{
    for (;;)
        syscall(SYS_vfork);
}
