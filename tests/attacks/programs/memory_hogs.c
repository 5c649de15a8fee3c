/* Fifty processes that take all the memory that each may have, at once.
 *
 * @row memory
 * @fails-some memory-limit exit
 * @says memory
 */
#include "attack.h"

int main(void)
{
    for (int i = 0; i < 50; i++)
        if (fork() == 0) {
            for (char *block; (block = malloc(1 << 20)) != NULL;)
                memset(block, 1, 1 << 20);
            for (;;)
                pause();
        }
    for (;;)
        pause();
}
