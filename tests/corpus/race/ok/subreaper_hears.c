/* Right: an orphan is reaped by its subreaper. */
#include "../u.h"
#include <sys/prctl.h>

int main(void)
{
    int *n = shared(4096);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (fork() == 0) {
        if (fork() == 0) {
            *n = 3;
            _exit(0);
        }
        _exit(0);
    }
    int r = reap();
    return r || *n != 3;
}
