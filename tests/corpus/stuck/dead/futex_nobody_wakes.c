/* Dead: a futex that nobody knows of. */
#include "../../race/u.h"
#include <linux/futex.h>
#include <sys/syscall.h>

int main(void)
{
    int *w = shared(4096);
    syscall(SYS_futex, w, FUTEX_WAIT, 0, NULL, NULL, 0);
    return 0;
}
