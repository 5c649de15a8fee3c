/* Wrong: F_SETLK has not got the lock, and nobody looks. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int f = scratch_file();
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            struct flock l = {.l_type = F_WRLCK, .l_len = 1};
            for (int k = 0; k < 10; k++) {
                l.l_type = F_WRLCK;
                fcntl(f, F_SETLK, &l);
                ++*n;
                l.l_type = F_UNLCK;
                fcntl(f, F_SETLK, &l);
            }
            _exit(0);
        }
    reap();
    return 0;
}
