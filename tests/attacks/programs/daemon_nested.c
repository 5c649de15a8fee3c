/* A tree of daemons in sessions of their own: each stopped, each a subreaper, some traced, some
 * zombies' parents.
 *
 * @row daemons
 * @points 7
 * @fails no-stray-processes
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    answer(argc, argv);
    for (int i = 0; i < 5; i++)
        if (fork() == 0) {
            setsid();
            prctl(PR_SET_CHILD_SUBREAPER, 1);
            prctl(PR_SET_DUMPABLE, 0);
            if (fork() == 0)
                _exit(0);
            if (fork() == 0)
                raise(SIGSTOP);
            for (;;)
                pause();
        }
    return 0;
}
