/* A stray holds leases on all that the driver may want to open after the case: objects, files, its
 * own program's name.
 *
 * @row hostile-files
 * @row timing
 * @points 5
 * @fails no-leftover-ipc no-leftover-files no-stray-processes
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    static const char *const paths[] = {"/dev/shm/sem.leased", "/dev/shm/leased",
                                        "/dev/mqueue/leased",  "leased",
                                        "/tmp/leased",         "/var/tmp/leased"};

    answer(argc, argv);
    signal(SIGIO, SIG_IGN);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        int fd = open(paths[i], O_CREAT | O_RDWR, 0600);
        if (i < 2)
            ftruncate(fd, 32);
        fcntl(fd, F_SETLEASE, F_WRLCK);
    }
    if (fork() == 0)
        for (;;)
            pause();
    return 0;
}
