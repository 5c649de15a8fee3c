/* Stops itself and whoever can be stopped, so that the grader waits for ever.
 *
 * @row kill
 * @fails-some stuck exit steps
 * @says stop
 */
#include "attack.h"

int main(void)
{
    kill(1, SIGSTOP);
    kill(getppid(), SIGSTOP);
    kill(getppid(), SIGTSTP);
    kill(-1, SIGSTOP);
    kill(getpid(), SIGSTOP);
    return 0;
}
