/* A thread with a table of descriptors of its own holds the only writing end of a pipe, and waits
 * for a second one that nobody holds: what /proc shows of the first thread is not all.
 *
 * @row ptrace
 * @row timing
 * @fails-some stuck steps output
 */
#include "attack.h"

static int ends[2];
static char stack[65536] __attribute__((aligned(16)));

static int second(void *unused)
{
    char byte;
    int own[2];

    (void)unused;
    if (pipe(own) == -1)
        return 1;
    return (int)read(own[0], &byte, 1);
}

int main(void)
{
    char byte;

    if (pipe(ends) == -1 || clone(second, stack + sizeof stack,
                                  CLONE_VM | CLONE_THREAD | CLONE_SIGHAND | CLONE_FS, NULL) == -1)
        return 1;
    close(ends[1]);
    return (int)read(ends[0], &byte, 1);
}
