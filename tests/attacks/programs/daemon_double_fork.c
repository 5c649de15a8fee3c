/* A daemon as the book makes it: fork, setsid, fork, descriptors closed, all signals ignored.
 *
 * @row daemons
 * @points 7
 * @fails no-stray-processes
 * @says still running after the program has ended
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    answer(argc, argv);
    if (fork() > 0)
        return 0;
    setsid();
    if (fork() > 0)
        _exit(0);
    for (int number = 1; number <= 64; number++)
        signal(number, SIG_IGN);
    for (int fd = 0; fd < 64; fd++)
        close(fd);
    for (;;)
        pause();
}
