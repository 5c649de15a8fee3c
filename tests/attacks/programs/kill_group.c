/* Signals to process groups and sessions: of the parent, of process 1, and its own at last.
 *
 * @row kill
 * @fails-some exit output stuck
 * @says main
 */
#include "attack.h"

int main(void)
{
    killpg(getpgid(1), SIGKILL);
    killpg(getpgid(getppid()), SIGKILL);
    killpg(getsid(getppid()), SIGSTOP);
    kill(-getsid(0), SIGSTOP);
    setpgid(0, getppid());
    killpg(1, SIGKILL);
    killpg(0, SIGKILL);
    return 0;
}
