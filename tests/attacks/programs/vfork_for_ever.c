/* Waits in vfork() for a child that neither runs a program nor exits, but waits for its stopped
 * brother; all have given their standard streams away.
 *
 * @row kill
 * @row timing
 * @fails-some stuck steps
 */
#include "attack.h"

static int ends[2];

int main(void)
{
    if (pipe(ends) == -1)
        return 1;
    if (fork() == 0) {
        close(ends[0]);
        raise(SIGSTOP);
    }
    close(ends[1]);
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    if (syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0) == 0) {
        char byte;
        setsid();
        _exit((int)read(ends[0], &byte, 1));
    }
    return 0;
}
