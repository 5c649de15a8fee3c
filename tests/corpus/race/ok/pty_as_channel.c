/* Right: a line through a pseudo-terminal. */
#include "../u.h"
#include <pty.h>

int main(void)
{
    int *n = shared(4096);
    int m = posix_openpt(O_RDWR | O_NOCTTY);
    if (m < 0)
        return 0;
    grantpt(m);
    unlockpt(m);
    const char *name = ptsname(m);
    if (!name)
        return 0;
    int s = open(name, O_RDWR | O_NOCTTY);
    if (s < 0)
        return 0;
    if (fork() == 0) {
        *n = 2;
        if (write(s, "go\n", 3) != 3)
            _exit(1);
        _exit(0);
    }
    char b[16];
    if (read(m, b, sizeof b) <= 0)
        return 3;
    int r = *n != 2;
    *n = 3;
    return reap() || r;
}
