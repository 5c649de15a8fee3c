/* A chain: each process starts the next and is gone at once, so that nobody can be killed in time.
 *
 * @row bombs
 * @fails-some busy-loop no-stray-processes exit
 * @points 0..7
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    answer(argc, argv);
    for (;;)
        if (fork() > 0)
            _exit(0);
}
