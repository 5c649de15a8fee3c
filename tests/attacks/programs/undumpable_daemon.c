/* Makes itself undumpable, so that /proc shows little of it, and leaves such children behind.
 *
 * @row daemons
 * @row ptrace
 * @points 7
 * @fails no-stray-processes
 * @says still running after the program has ended
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    prctl(PR_SET_DUMPABLE, 0);
    answer(argc, argv);
    if (fork() == 0)
        for (;;)
            pause();
    return 0;
}
