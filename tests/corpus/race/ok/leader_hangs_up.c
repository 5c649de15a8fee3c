/* Right: SIGHUP comes when the leader of the session, whose terminal it is, has ended. */
#include "../u.h"
#include <sys/ioctl.h>

int main(void)
{
    int *data = shared(sizeof *data), ends[2], ready[2], number;
    char byte = 0;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pipe(ends);
    pipe(ready);
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    if (fork() == 0) {
        setsid();
        int terminal = open(ptsname(master), O_RDWR);
        ioctl(terminal, TIOCSCTTY, 0);
        if (fork() == 0) {
            write(ready[1], "x", 1);
            sigwait(&set, &number);
            byte = *data == 42 ? 'y' : 'n';
            write(ends[1], &byte, 1);
            _exit(0);
        }
        read(ready[0], &byte, 1);
        *data = 42;
        _exit(0);
    }
    read(ends[0], &byte, 1);
    return byte != 'y' || reap();
}
