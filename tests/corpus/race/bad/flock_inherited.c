/* Wrong: a flock() lock belongs to the open file, which parent and children share: nobody waits. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), file = scratch_file();
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            flock(file, LOCK_EX);
            ++*count;
            flock(file, LOCK_UN);
            _exit(0);
        }
    return reap();
}
