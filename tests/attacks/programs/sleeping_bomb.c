/* As many processes as there may be, which all sleep: no CPU time is used, and no slot is left.
 *
 * @row bombs
 * @points 7
 * @fails no-stray-processes
 * @says still running after the program has ended
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    for (int i = 0; i < 100; i++)
        if (fork() == 0)
            for (;;)
                pause();
    return answer(argc, argv);
}
