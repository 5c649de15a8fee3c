/* Left behind: exec'ed processes, each with all the descriptors that it may have, none of them
 * another's.
 *
 * @row daemons
 * @row tables
 * @points 7
 * @exercise roomy
 * @fails no-stray-processes
 */
#include "attack.h"
#include <sys/eventfd.h>

int main(int argc, char *argv[])
{
    int ready[2];
    char byte;

    if (argc == 1) {
        for (;;)
            pause();
    }
    if (strcmp(argv[1], "again") == 0) {
        int fd;
        while ((fd = memfd_create("m", 0)) != -1 && fd < 40)
            ;
        while (eventfd(0, 0) != -1)
            ;
        close(0);
        for (;;)
            pause();
    }
    answer(argc, argv);
    if (pipe(ready) == -1)
        return 1;
    for (int child = 0; child < 20; child++)
        if (fork() == 0) {
            dup2(ready[1], 0);
            close(ready[0]);
            close(ready[1]);
            execl("/proc/self/exe", "main", "again", NULL);
        }
    close(ready[1]);
    return read(ready[0], &byte, 1) != 0;
}
