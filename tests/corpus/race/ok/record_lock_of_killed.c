/* Right: the kernel lets go the record lock of one that was killed. */
#include "../u.h"

int main(void)
{
    int file = scratch_file(), *count = shared(sizeof *count);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            record_lock(file, F_WRLCK, 0, 1);
            ++*count;
            kill(getpid(), SIGKILL);
        }
    reap();
    return *count != 2;
}
