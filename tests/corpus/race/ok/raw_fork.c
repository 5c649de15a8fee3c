/* Right: children made by the number of fork(2), and a semaphore. */
#include "../u.h"
#include <sys/syscall.h>

int main(void)
{
    int *n = shared(4096);
    sem_t *t = shared(4096);
    sem_init(t, 1, 1);
    for (int i = 0; i < 2; i++)
        if (syscall(SYS_fork) == 0) {
            for (int k = 0; k < 20; k++) {
                sem_wait(t);
                ++*n;
                sem_post(t);
            }
            _exit(0);
        }
    int r = reap();
    return r || *n != 40;
}
