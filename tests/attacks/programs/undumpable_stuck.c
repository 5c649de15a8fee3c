/* Undumpable, and blocked for ever: stuck, and told so, in no more time than others.
 *
 * @row ptrace
 * @row timing
 * @fails-some stuck steps
 */
#include "attack.h"

int main(void)
{
    int ends[2];
    char byte;

    prctl(PR_SET_DUMPABLE, 0);
    if (pipe(ends) == -1)
        return 1;
    return (int)read(ends[0], &byte, 1);
}
