/* Live: a futex with a time limit. */
#include "../../race/u.h"
#include <linux/futex.h>
#include <sys/syscall.h>

int main(void)
{
    int *w = shared(4096);
    struct timespec t = {0, 300000000};
    syscall(SYS_futex, w, FUTEX_WAIT, 0, &t, NULL, 0);
    return 0;
}
