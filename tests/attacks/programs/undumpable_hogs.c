/* Undumpable processes that take the memory that each may have.
 *
 * @row memory
 * @row ptrace
 * @exercise roomy
 * @fails-some memory-limit exit
 * @says memory
 */
#include "attack.h"

int main(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    for (int i = 0; i < 12; i++)
        if (fork() == 0) {
            for (char *block; (block = malloc(1 << 20)) != NULL;)
                memset(block, 1, 1 << 20);
            for (;;)
                pause();
        }
    for (;;)
        pause();
}
