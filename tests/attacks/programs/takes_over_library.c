/* Defines write(), exit(), fork() and _exit() itself, so that whoever is linked in calls them.
 *
 * @row compiler
 * @row result
 */
#include "attack.h"

ssize_t write(int fd, const void *data, size_t size)
{
    static const char fine[] = "All is well\n";

    (void)data;
    syscall(SYS_write, fd, fine, sizeof fine - 1);
    return (ssize_t)size;
}

int main(void)
{
    puts("nothing");
    fflush(stdout);
    syscall(SYS_write, 1, "tried 1, held 1\n", 16);
    return 0;
}
