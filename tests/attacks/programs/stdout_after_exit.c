/* The program answers and exits; a child that it leaves goes on printing for ever.
 *
 * @row output
 * @fails-some output-limit no-stray-processes output busy-loop exit
 * @points 0..7
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    answer(argc, argv);
    if (fork() > 0)
        return 0;
    for (;;)
        if (write(1, "more\n", 5) == -1)
            return 1;
}
