/* Kills, stops and drowns whatever partner runs beside it: that case is its own loss, and no error
 * of the grader.
 *
 * @row timing
 * @row kill
 * @exercise three-cases
 * @fails-some exit steps output stuck
 * @points 4..10
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    if (argc == 2)
        for (int pid = 2; pid < 200; pid++)
            if (pid != getpid())
                kill(pid, SIGKILL);
    return answer(argc, argv);
}
