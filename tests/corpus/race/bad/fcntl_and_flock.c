/* Wrong: one locks with fcntl(), the other with flock(): these do not know of each other. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), file = scratch_file();
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (i == 0)
                record_lock(file, F_WRLCK, 0, 0);
            else
                flock(file, LOCK_EX);
            ++*count;
            _exit(0);
        }
    return reap();
}
