/* Executes itself for ever: always the same process, never the same program for long.
 *
 * @row bombs
 * @fails busy-loop
 * @says CPU time
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    (void)argc;
    execv("/proc/self/exe", argv);
    return 1;
}
