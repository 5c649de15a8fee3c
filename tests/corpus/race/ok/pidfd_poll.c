/* Right: a pidfd is readable when its process has ended. */
#include "../u.h"
#include <sys/syscall.h>

int main(void)
{
    int *n = shared(4096);
    pid_t p = fork();
    if (p == 0) {
        *n = 7;
        _exit(0);
    }
    int fd = (int)syscall(SYS_pidfd_open, p, 0);
    if (fd < 0)
        return 0;
    struct pollfd q = {fd, POLLIN, 0};
    poll(&q, 1, -1);
    int v = *n;
    *n = 8;
    return reap() || v != 7;
}
