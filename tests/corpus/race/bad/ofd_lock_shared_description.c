/* Wrong: an OFD lock of one open file that both have inherited. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int f = scratch_file();
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 10; k++) {
                struct flock l = {.l_type = F_WRLCK, .l_len = 1};
                fcntl(f, F_OFD_SETLKW, &l);
                ++*n;
                l.l_type = F_UNLCK;
                fcntl(f, F_OFD_SETLK, &l);
            }
            _exit(0);
        }
    reap();
    return 0;
}
