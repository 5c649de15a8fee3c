/* Right: F_OFD_SETLKW with an open file of its own for each. */
#include "../u.h"

int main(void)
{
    char name[64];
    int *count = shared(sizeof *count), file = scratch_file();
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            struct flock lock = {.l_type = F_WRLCK};
            int own = open(name, O_RDWR);
            fcntl(own, F_OFD_SETLKW, &lock);
            ++*count;
            close(own);
            _exit(0);
        }
    return reap() || *count != 3;
}
