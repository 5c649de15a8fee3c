/* Burns the CPU in children that nobody waits for (SIGCHLD ignored), each for a short time: no sum
 * to be seen.
 *
 * @row timing
 * @fails-some busy-loop output steps
 */
#include "attack.h"

int main(void)
{
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        if (fork() == 0) {
            while (clock() < CLOCKS_PER_SEC / 50)
                ;
            _exit(0);
        }
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
}
