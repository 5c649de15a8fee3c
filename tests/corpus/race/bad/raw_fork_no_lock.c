/* Wrong: children made by the number of fork(2), and no lock. */
#include "../u.h"
#include <sys/syscall.h>

int main(void)
{
    int *n = shared(4096);
    for (int i = 0; i < 2; i++)
        if (syscall(SYS_fork) == 0) {
            for (int k = 0; k < 20; k++)
                ++*n;
            _exit(0);
        }
    reap();
    return 0;
}
