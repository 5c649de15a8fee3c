/* Live: the holder of the record lock sleeps a while, the others wait for it. */
#include "../../race/u.h"

int main(void)
{
    int file = scratch_file();
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            record_lock(file, F_WRLCK, 0, 0);
            usleep(100000);
            _exit(0);
        }
    return reap();
}
