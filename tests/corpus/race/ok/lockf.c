/* Right: lockf() from the current place on. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), file = scratch_file();
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            lockf(file, F_LOCK, 0);
            ++*count;
            lockf(file, F_ULOCK, 0);
            _exit(0);
        }
    return reap() || *count != 3;
}
