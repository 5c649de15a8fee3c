/* Right: the signal that prctl() asks for comes when the parent has ended. */
#include "../u.h"
#include <sys/prctl.h>

int main(void)
{
    int *data = shared(sizeof *data), ends[2], number;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pipe(ends);
    if (fork() == 0) {
        int ready[2];
        char byte;
        pipe(ready);
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGUSR1);
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
    char told = 0;
    read(ends[0], &told, 1);
    return told != 'y' || reap();
}
