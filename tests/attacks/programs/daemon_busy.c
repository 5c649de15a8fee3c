/* A daemon that uses the CPU for ever after the program has given its right answer.
 *
 * @row daemons
 * @points 0..7
 * @fails-some no-stray-processes busy-loop
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    answer(argc, argv);
    if (fork() > 0)
        return 0;
    setsid();
    for (;;)
        ;
}
