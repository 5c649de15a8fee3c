/* Left behind: processes with all the descriptors that they may have, and tens of thousands of file
 * locks.
 *
 * @row daemons
 * @row tables
 * @exercise roomy
 * @fails no-leftover-files no-stray-processes no-open-locks
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    char name[32];
    int ready[2];
    char byte;

    answer(argc, argv);
    if (pipe(ready) == -1)
        return 1;
    for (int child = 0; child < 20; child++)
        if (fork() == 0) {
            setsid();
            close(ready[0]);
            for (int file = 0; file < 4; file++) {
                snprintf(name, sizeof name, "lock%d.%d", child, file);
                int fd = open(name, O_CREAT | O_RDWR, 0600);
                for (int part = 0; part < 900; part++) {
                    struct flock lock = {
                        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2 * part, .l_len = 1};
                    fcntl(fd, F_SETLK, &lock);
                }
                while (file == 3 && dup(fd) != -1)
                    ;
            }
            close(ready[1]);
            for (;;)
                pause();
        }
    close(ready[1]);
    return read(ready[0], &byte, 1) != 0;
}
