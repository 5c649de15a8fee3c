/* The same with children that are waited for, twenty at a time, for far more CPU time than a case
 * may have.
 *
 * @row timing
 * @fails-some busy-loop steps
 * @says time
 */
#include "attack.h"

int main(void)
{
    for (;;) {
        for (int i = 0; i < 10; i++)
            if (fork() == 0) {
                while (clock() < CLOCKS_PER_SEC / 100)
                    ;
                _exit(0);
            }
        while (wait(NULL) > 0)
            ;
    }
}
