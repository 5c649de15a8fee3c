/* Children that nobody waits for, and orphans of orphans.
 *
 * @row daemons
 * @points 7
 * @fails no-stray-processes
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    for (int i = 0; i < 20; i++)
        if (fork() == 0) {
            if (i % 2 && fork() == 0)
                _exit(0);
            _exit(0);
        }
    return answer(argc, argv);
}
