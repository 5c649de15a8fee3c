/* Children that are nobody's but the driver's from birth (CLONE_PARENT): one that has ended, one
 * that goes on, one whose end is announced to nobody.
 *
 * @row daemons
 * @points 7
 * @fails no-stray-processes
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    answer(argc, argv);
    if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0)
        _exit(0);
    if (syscall(SYS_clone, CLONE_PARENT, 0, 0, 0, 0) == 0)
        for (;;)
            pause();
    if (syscall(SYS_clone, 0, 0, 0, 0, 0) == 0) {
        syscall(SYS_clone, CLONE_PARENT, 0, 0, 0, 0);
        _exit(0);
    }
    return 0;
}
