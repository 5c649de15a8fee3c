/* Looks for descriptors beyond the standard three, and whether those lead anywhere else than they
 * should.
 *
 * @row ptrace
 * @row result
 */
#include "attack.h"

int main(void)
{
    char path[64], target[200];

    for (int fd = 3; fd < 1024; fd++)
        held(fcntl(fd, F_GETFD) == -1, "an inherited descriptor");
    for (int fd = 0; fd < 3; fd++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length < 0 ? 0 : length] = '\0';
        held(strncmp(target, "pipe:", 5) == 0 || strcmp(target, "/dev/null") == 0 ||
                 strncmp(target, "/dev/pts/", 9) == 0,
             target);
    }
    int sent = (int)write(0, "{}\n", 3);
    refused(sent, "writing to its own stdin");
    refused(openat(3, "..", O_RDONLY), "a directory left open");
    return done();
}
