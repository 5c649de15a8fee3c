/* Two processes that watch each other through a pipe and start each other anew.
 *
 * @row daemons
 * @points 0..7
 * @fails-some no-stray-processes busy-loop exit
 */
#include "attack.h"

static void guard(void)
{
    for (;;) {
        int ends[2];
        char byte;

        if (pipe(ends) == -1)
            _exit(1);
        pid_t child = fork();
        if (child == 0) {
            close(ends[1]);
            setsid();
            if (read(ends[0], &byte, 1) >= 0) { /* the parent is dead */
                close(ends[0]);
                continue;
            }
        }
        close(ends[0]);
        if (child > 0)
            waitpid(child, NULL, 0);
        close(ends[1]);
    }
}

int main(int argc, char *argv[])
{
    answer(argc, argv);
    for (int number = 1; number <= 64; number++)
        signal(number, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    if (fork() == 0)
        guard();
    return 0;
}
