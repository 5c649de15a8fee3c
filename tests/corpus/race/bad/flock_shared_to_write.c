/* Wrong: a shared lock for writing. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int f = open("/tmp/fsh", O_CREAT | O_RDWR, 0600);
            for (int k = 0; k < 10; k++) {
                flock(f, LOCK_SH);
                ++*n;
                flock(f, LOCK_UN);
            }
            _exit(0);
        }
    reap();
    unlink("/tmp/fsh");
    return 0;
}
